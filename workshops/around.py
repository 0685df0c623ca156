"""What we write to registrants around the day: the reminders before it, and one letter after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from crm.mail import actions as mail
from crm.mail.letters import compose, literal
from crm.mail.models import Content, Message, MessageClass
from crm.people.models import PracticeProfile
from workshops.letters import facts_of, key_of, values_of
from workshops.models import Registration, Workshop
from workshops.reminders import Reminder


def remind(
    workshop: Workshop, registrations: Sequence[Registration], reminder: Reminder, *, until: datetime
) -> list[Message]:
    """One reminder for each of these, with the same words."""
    now = timezone.now()
    contents = {
        is_brought: content_of(workshop, reminder, is_brought=is_brought)
        for is_brought in {not r.email for r in registrations}
    }
    return [
        mail.queue(
            registration.contact,
            message_class=MessageClass.TRANSACTIONAL,
            dedupe_key=reminder.key(registration, workshop.time_version),
            content=contents[not registration.email],
            values=values_of(registration),
            to_email=registration.address,
            to_name=registration.name,
            priority=Message.Priority.NOW,
            not_before=now,
            expires_at=until,
        )
        for registration in registrations
    ]


def content_of(workshop: Workshop, reminder: Reminder, *, is_brought: bool = False) -> Content:
    """The words of a reminder as the workshop stands now; for somebody brought along they say whom they are about."""
    words = {**_words(workshop), "is_brought": "yes" if is_brought else ""}
    return compose(
        reminder.letter,
        {word: literal(text) for word, text in words.items()},
        by_day_in=workshop.time_zone if reminder.keeps_quiet else "",
    )


def write_afterwards(
    workshop: Workshop, registrations: Sequence[Registration], *, came: bool, until: datetime
) -> list[Message]:
    """The recap for those who came, or a kind note to those who did not; one of the two for each, for good."""
    content, now = after_content(workshop, came=came), timezone.now()
    return [
        mail.queue(
            registration.contact,
            message_class=MessageClass.TRANSACTIONAL,
            dedupe_key=after_key(registration),
            content=content,
            values={**values_of(registration), **_stars(registration)},
            to_email=registration.address,
            to_name=registration.name,
            not_before=now,
            expires_at=until,
        )
        for registration in registrations
    ]


def write_week_later(workshop: Workshop, registrations: Sequence[Registration], *, until: datetime) -> list[Message]:
    """How it goes, asked of those who came and want to hear from us."""
    content = compose(*week_letter(workshop), message_class=MessageClass.MARKETING)
    return [
        mail.queue(
            registration.contact,
            message_class=MessageClass.MARKETING,
            dedupe_key=week_key(registration),
            content=content,
            values=values_of(registration),
            to_email=registration.address,
            to_name=registration.name,
            expires_at=until,
        )
        for registration in registrations
    ]


def week_key(registration: Registration) -> str:
    return key_of(registration, "week later")


def after_content(workshop: Workshop, *, came: bool) -> Content:
    """The recap in the topic's own words where it has some, or the kind note."""
    return compose(*after_letter(workshop, came=came), by_day_in=workshop.time_zone)


def after_letter(workshop: Workshop, *, came: bool) -> tuple[str, dict[str, str]]:
    """Which letter it is, and what it is written with."""
    topic = workshop.topic
    said = {
        "follow_up_subject": topic.follow_up_subject if topic else "",
        "follow_up_words": topic.follow_up_words if topic else "",
    }
    return "workshop_recap" if came else "workshop_missed", _with_topic(workshop, said)


def week_letter(workshop: Workshop) -> tuple[str, dict[str, str]]:
    """The same for the letter a week later."""
    topic = workshop.topic
    said = {"week_subject": topic.week_subject if topic else "", "week_words": topic.week_words if topic else ""}
    return "workshop_week_later", _with_topic(workshop, said)


def _with_topic(workshop: Workshop, said: dict[str, str]) -> dict[str, str]:
    words = {**_words(workshop), **said, **_handout(workshop), "workshops_url": _whole(reverse("workshops"))}
    return {word: literal(text) for word, text in words.items()}


def _handout(workshop: Workshop) -> dict[str, str]:
    handout = workshop.topic.handout if workshop.topic else None
    return {"handout": handout.title if handout else "", "handout_url": _whole(handout.url) if handout else ""}


def after_key(registration: Registration) -> str:
    return key_of(registration, "afterwards")


def _stars(registration: Registration) -> dict[str, str]:
    """Where one tap in the letter leads, for each number of stars."""
    return {
        f"rate_{stars}": _whole(reverse("registration_rate", args=[registration.token, stars])) for stars in range(1, 6)
    }


def _whole(address: str) -> str:
    return address if address.startswith("http") else f"{settings.BASE_URL}{address}"


def _words(workshop: Workshop) -> dict[str, str]:
    return {
        **facts_of(workshop),
        "map_url": workshop.map_url if workshop.place else "",
        "video_url": workshop.video_url,
        "bring": workshop.bring,
        "arrival": workshop.arrival,
        "phone": PracticeProfile.load().phone,
    }
