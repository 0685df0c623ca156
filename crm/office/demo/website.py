"""The demo's site, built by the content room, and the answers that came in through its forms."""

from __future__ import annotations

from datetime import datetime, timedelta

from wagtail.models import Page

from content.actions import receive_lead
from content.forms import NEWS_WORDING
from content.models import LandingPage, Lead, StandardPage
from content.starter import build_site
from crm.mail.models import Message
from crm.office.demo import post
from crm.office.demo.acquaintance import Story
from crm.people.actions import record_consent
from crm.people.models import ConsentEvent, Purpose
from partners.actions import complete
from partners.models import FollowUp

PARTNERS = ("Ironpeak Strength", "Still Water Yoga", "Port Alder Striders", "Okoye Direct Primary Care")

# days ago, hour, name, what they wrote, who told them, from the landing page?, do they want news, what came of it
ANSWERS = (
    (38, 20, "Corinne Vance", "Do you take people without a doctor's note? I would come in the mornings.",
     "Dana at Ironpeak", False, False, "Called, comes on Thursday."),
    (21, 13, "Pieter Hall", "I would like a movement screen before the season starts.", "The Striders", True, True,
     "Screen booked."),
    (9, 21, "Samira Doyle", "What does a first visit cost, and how long does it take?", "A poster at the yoga studio",
     False, True, "Sent the price sheet."),
    (3, 8, "Walt Jennings", "Is there parking close by? Stairs are slow for me.", "Second Wind", True, False,
     "Told him about the yard, comes next week."),
    (0, 0, "Lena Hofstetter", "My club would like a talk about shins. Whom do I ask?", "Neil from the club", False,
     False, ""),
)  # fmt: skip


def open_site(story: Story) -> None:
    """Build the pages, then let five people answer the forms: four are answered, one waits for today."""
    build_site(therapist=f"{story.owner.first_name} {story.owner.last_name}", partners=PARTNERS)
    contact = StandardPage.objects.get(slug="contact")
    landing = LandingPage.objects.get(slug="runners")
    for days, hour, name, message, heard_from, is_landing, wants_news, outcome in ANSWERS:
        day = story.calendar.today - timedelta(days=days)
        at = story.calendar.at(day, hour, 25) if days else story.calendar.now - timedelta(minutes=40)
        page = landing if is_landing else contact
        lead = receive_lead(
            page,
            name=name,
            email=f"{name.lower().replace(' ', '.')}@example.org",
            message=message,
            heard_from=heard_from,
        )
        if wants_news:
            _note_consent(lead, page, at)
        Lead.objects.filter(pk=lead.pk).update(created_at=at)
        asked = FollowUp.objects.filter(lead=lead)
        asked.update(created_at=at, due_on=day)
        post.keep(Message.objects.filter(contact=lead.contact), at=at)
        if outcome:
            complete(asked.get(), by=story.assistant, outcome=outcome)
            asked.update(done_at=at + timedelta(hours=14))


def _note_consent(lead: Lead, page: Page, at: datetime) -> None:
    # Not left to receive_lead(), which knows only now; the ledger can't be dated afterwards.
    record_consent(
        lead.contact,
        purpose=Purpose.NEWS,
        state=ConsentEvent.State.GRANTED,
        source="website form",
        evidence=f"{NEWS_WORDING} ({page.title})",
        at=at,
    )
