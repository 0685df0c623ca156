"""Whoever is forgotten leaves no word at the front desk either."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from auditlog.models import LogEntry
from django.core import serializers
from django.utils import timezone
from wagtail.models import ModelLogEntry, Page

from content import call_wishes
from content.actions import receive_lead
from content.call_wishes import receive_call_wishes
from content.models import Lead
from crm.mail.models import Content, Message
from crm.people.models import Contact
from partners import digest
from partners.models import FollowUp, MorningMail
from workshops import actions
from workshops.models import Registration

pytestmark = pytest.mark.django_db

WORDS = ("Adalbert", "adalbert", "555 0199", "555 0111", "Tuesday mornings")


def kept_words() -> list[str]:
    models = (Contact, Registration, Message, Content, Lead, FollowUp, LogEntry, ModelLogEntry)
    everything = " ".join(serializers.serialize("json", model.objects.all()) for model in models)
    return [word for word in WORDS if word in everything]


def test_it_empties_the_lead_the_to_do_and_the_mail_about_it(wish, owner):
    receive_call_wishes()
    assert kept_words() == [*WORDS]

    assert actions.erase(wish.contact, by=owner)

    assert kept_words() == []
    lead, todo = Lead.objects.get(), FollowUp.objects.get()
    assert (lead.name, lead.standing, lead.registration) == ("Erased", "Answered", wish)
    assert todo.taken_back_at


def test_it_counts_the_lead_all_the_same(wish, owner, quiet_gym):
    receive_call_wishes()

    actions.erase(wish.contact, by=owner)

    assert Lead.objects.get().credited_to == quiet_gym


def test_it_finds_nothing_to_take_out_of_the_mornings_list(wish, owner):
    receive_lead(Page.objects.first(), name="Adalbert Quist", email="adalbert@example.com")
    morning = datetime.combine(timezone.localdate(), time(9), UTC)
    MorningMail.objects.create(user=owner, days=MorningMail.Days.EVERY, at=time(8))
    digest.send_due(morning)

    actions.erase(wish.contact, by=owner)

    assert Content.objects.filter(messages__dedupe_key__startswith="morning:").exists()
    assert kept_words() == []


def test_it_empties_what_they_wrote_on_the_site(wish, owner):
    receive_lead(
        Page.objects.first(), name="Adalbert Quist", email="adalbert@example.com", message="I row. Tuesday mornings."
    )

    assert actions.erase(wish.contact, by=owner)

    assert kept_words() == []


def test_it_makes_no_lead_of_somebody_who_was_erased_meanwhile(wish, owner):
    (read_before,) = call_wishes.unheard()
    actions.erase(wish.contact, by=owner)

    assert not call_wishes._receive(read_before)
    assert not Lead.objects.exists()
