"""What the front desk keeps of somebody who wants to be forgotten: that an answer came, and nothing of it."""

from __future__ import annotations

from collections.abc import Collection

from content.models import Lead
from crm.mail import erasing as mail
from crm.mail.models import Message
from crm.people import erasing as people
from crm.people.models import Contact
from partners import actions as partners
from partners.models import FollowUp


def forget_leads(contact: Contact, *, why: str = mail.WISH) -> dict[str, Collection[int]]:
    """Empty their answers to forms and their wishes to be called, with the to dos and the mails to us about them."""
    leads = Lead.objects.filter(contact=contact)
    keys = [
        key for (pk,) in leads.values_list("pk") for key in (f"lead:{pk}:confirmation", f"lead:{pk}:to-the-practice")
    ]
    mail.scrub_words(Message.objects.filter(dedupe_key__in=keys), why=why)
    todos = partners.forget(FollowUp.objects.filter(lead__in=leads))
    people.scrub_trail(leads, also=("message",))
    nothing = dict.fromkeys(["email", "phone", "message", "heard_from", "answer_key"], "")
    leads.update(name=people.ERASED, **nothing)
    return {Lead._meta.label: set(leads.values_list("pk", flat=True)), FollowUp._meta.label: todos}
