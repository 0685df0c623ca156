"""How the letters after a workshop of a topic will read, drawn for a guest who is made up."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from crm.mail.letters import draw
from crm.mail.models import Message, MessageClass
from crm.mail.render import Rendered, render
from crm.people.models import PracticeProfile
from workshops import around
from workshops.models import Topic, Workshop

LETTERS = {
    "afterwards": "The morning after, to those who came",
    "week": "A week later, to those who want to hear from us",
}
GUEST = {"first_name": "Maya", "name": "Maya Lindqvist", **{f"rate_{stars}": "#" for stars in range(1, 6)}}


def drawn(topic: Topic, name: str) -> Rendered:
    """One of the letters, with the last workshop of this topic or with one that is made up."""
    practice, is_week = PracticeProfile.load(), name == "week"
    workshop = topic.workshops.order_by("-starts_at").first() or _made_up(topic, practice)
    workshop.topic = topic
    message_class = MessageClass.MARKETING if is_week else MessageClass.TRANSACTIONAL
    letter = around.week_letter(workshop) if is_week else around.after_letter(workshop, came=True)
    content = draw(*letter, message_class=message_class)
    message = Message(
        content=content, message_class=message_class, values=GUEST, to_email=practice.email, to_name=GUEST["name"]
    )
    return render(message, practice=practice)


def _made_up(topic: Topic, practice: PracticeProfile) -> Workshop:
    starts_at = timezone.now() - timedelta(days=1)
    ends_at = starts_at + timedelta(minutes=topic.minutes)
    return Workshop(
        title=topic.name,
        slug="example",
        starts_at=starts_at,
        ends_at=ends_at,
        time_zone=practice.time_zone,
        place="Here",
    )
