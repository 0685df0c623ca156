"""What may happen at the front desk: an answer becomes a lead."""

from __future__ import annotations

import hashlib
from datetime import date

from django.db import transaction
from django.utils import timezone
from wagtail.models import Page

from content.forms import NEWS_WORDING
from content.models import Lead
from crm.mail.actions import queue
from crm.mail.letters import compose, literal
from crm.mail.models import Message, MessageClass
from crm.people.actions import find_or_create_contact, record_consent
from crm.people.models import ConsentEvent, Contact, PracticeProfile, Purpose
from partners.actions import follow_up


@transaction.atomic
def receive_lead(
    page: Page,
    *,
    name: str,
    email: str,
    phone: str = "",
    message: str = "",
    heard_from: str = "",
    wants_news: bool = False,
) -> Lead:
    """Turn an answer into a contact, a lead, a to do for today and two messages, all or nothing.

    The same answer sent twice on one day is one lead.
    """
    contact = find_or_create_contact(email, name=name, phone=phone)
    words = {"name": name.strip(), "phone": phone.strip(), "message": message.strip(), "heard_from": heard_from.strip()}
    lead, made = Lead.objects.get_or_create(
        answer_key=_answer_key(page, contact, words),
        defaults={"contact": contact, "page": page, "email": email.strip().lower(), **words},
    )
    if made:
        _promise_an_answer(lead)
        _confirm(lead)
        tell_the_practice(lead)
    if made and wants_news:
        record_consent(
            contact,
            purpose=Purpose.NEWS,
            state=ConsentEvent.State.GRANTED,
            source="website form",
            evidence=f"{NEWS_WORDING} ({page.title})",
        )
    return lead


def _today() -> date:
    """The day it is at the practice, wherever the server stands."""
    return timezone.localdate(timezone=PracticeProfile.load().zone)


def _answer_key(page: Page, contact: Contact, words: dict[str, str]) -> str:
    said = "\0".join([str(page.pk), str(contact.pk), _today().isoformat(), *words.values()])
    return hashlib.sha256(said.encode()).hexdigest()


def _promise_an_answer(lead: Lead) -> None:
    title = f"Answer {lead.name} ({lead.page.title if lead.page else 'the site'})"[:200]
    lead.follow_up = follow_up(contact=lead.contact, title=title, due_on=_today())
    lead.save(update_fields=["follow_up"])


def _confirm(lead: Lead) -> Message:
    return queue(
        lead.contact,
        message_class=MessageClass.TRANSACTIONAL,
        dedupe_key=f"lead:{lead.pk}:confirmation",
        content=compose("lead_received", {"page": lead.page}),
        values={"first_name": lead.contact.first_name},
        to_email=lead.email,
        to_name=lead.name,
        priority=Message.Priority.NOW,
    )


def tell_the_practice(lead: Lead) -> Message:
    """A mail to ourselves, in the same breath: who it is, how to reach them, and that a to do waits."""
    practice = PracticeProfile.load()
    typed = {name: literal(getattr(lead, name)) for name in ("name", "email", "phone", "message", "heard_from")}
    return queue(
        lead.contact,
        message_class=MessageClass.SYSTEM,
        dedupe_key=f"lead:{lead.pk}:to-the-practice",
        content=compose(
            "lead_arrived",
            {"lead": typed, "came_by": literal(lead.came_by), "is_call": bool(lead.registration)},
            message_class=MessageClass.SYSTEM,
        ),
        to_email=practice.email,
        to_name=practice.name,
        priority=Message.Priority.NOW,
    )
