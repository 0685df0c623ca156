"""A lead that came to nothing is emptied eighteen months after the last sign of life."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from auditlog.models import LogEntry
from django.core import serializers
from django.utils import timezone
from wagtail.models import ModelLogEntry

from content.actions import receive_lead
from content.call_wishes import receive_call_wishes
from content.forgetting import forget_quiet_leads
from content.models import KEEP_FOR, HomePage, Lead
from crm.mail.models import Content, InboundMail, Message, Suppression, address_hash
from crm.people.actions import record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from partners.actions import complete, follow_up, log_touch, receive_referral, snooze
from partners.models import FollowUp, Touch
from workshops import actions
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db

State = ConsentEvent.State
NOW = timezone.now()
MONTH = timedelta(days=30)


def answer(**said) -> Lead:
    said = {"name": "Adalbert Quist", "email": "adalbert@example.com", "message": "I row.", **said}
    return receive_lead(HomePage.objects.get(), phone="613 555 0199", **said)


@pytest.fixture
def lead(practice) -> Lead:
    """Adalbert wrote on the site, and nothing came of it. Eighteen months later is now."""
    with time_machine.travel(NOW - KEEP_FOR, tick=False):
        return answer()


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def gathering(**fields) -> Workshop:
    return Workshop.objects.create(
        **{"title": "Knees that last", "slug": "knees", "place": "Main hall", "capacity": 8,
           "starts_at": NOW - 2 * MONTH, "ends_at": NOW - 2 * MONTH + timedelta(hours=1), "state": "held", **fields}
    )  # fmt: skip


def registered(contact: Contact, *, at=NOW - 2 * MONTH, **fields) -> Registration:
    fields = {"state": "confirmed", **fields}
    workshop = gathering(seats_taken=int(fields["state"] == "confirmed"))
    return Registration.objects.create(
        workshop=workshop, contact=contact, name=contact.name, email=contact.email, created_at=at,
        **fields,
    )  # fmt: skip


def kept_words() -> list[str]:
    models = (Contact, Registration, Message, Content, Lead, FollowUp, LogEntry, ModelLogEntry)
    everything = " ".join(serializers.serialize("json", model.objects.all()) for model in models)
    return [word for word in ("Adalbert", "adalbert", "555 0199", "I row", "Tuesday") if word in everything]


# What goes, and when


def test_it_empties_the_lead_its_to_do_its_letters_and_its_contact(lead):
    assert kept_words() == ["Adalbert", "adalbert", "555 0199", "I row"]

    assert forget_quiet_leads() == 1

    lead.refresh_from_db()
    assert kept_words() == []
    assert (lead.name, lead.contact.name, bool(lead.contact.archived_at)) == ("Erased", "Erased", True)
    assert lead.follow_up.taken_back_at
    assert "their wish" not in Content.objects.get(messages__dedupe_key=f"lead:{lead.pk}:confirmation").text


def test_it_forgets_after_eighteen_months_and_once(lead):
    with time_machine.travel(NOW - timedelta(seconds=1)):
        assert forget_quiet_leads() == 0

    assert timedelta(days=548) == KEEP_FOR
    assert [forget_quiet_leads(), forget_quiet_leads()] == [1, 0]


def test_it_writes_down_that_time_did_it(lead):
    forget_quiet_leads()

    entry = ModelLogEntry.objects.get(action="content.forget")
    assert (entry.object_id, entry.user, entry.label) == (str(lead.pk), None, "Erased")


def test_it_remembers_a_no_without_the_address(lead):
    record_consent(lead.contact, purpose=Purpose.NEWS, state=State.WITHDRAWN, source="by phone")

    assert forget_quiet_leads() == 1
    assert Suppression.objects.filter(email_hash=address_hash("adalbert@example.com"), scope="letters").exists()


@pytest.fixture
def called(practice, quiet_gym, owner) -> Registration:
    """Came to a workshop long ago, asked to be called, and was called in vain."""
    with time_machine.travel(NOW - KEEP_FOR - MONTH, tick=False):
        at = timezone.now()
        ada = Contact.objects.create(name="Adalbert Quist", email="adalbert@example.com")
        row = registered(ada, at=at, checked_in_at=at)
        row = actions.rate(row, stars=4, may_call=True, phone="613 555 0199", call_when="Tuesday")
        receive_call_wishes()
        complete(Lead.objects.get().follow_up, by=owner, outcome="Adalbert did not pick up.")
    return row


def test_it_empties_a_wish_to_be_called_and_keeps_who_came(called):
    assert forget_quiet_leads() == 1

    called.refresh_from_db()
    assert (called.phone, called.call_when, bool(called.may_call_at)) == ("", "", True)
    assert (called.name, called.contact.name, Lead.objects.get().name) == ("Adalbert Quist", "Adalbert Quist", "Erased")
    assert (FollowUp.objects.get().title, FollowUp.objects.get().outcome) == ("Call somebody whose name was erased", "")
    assert not {"555 0199", "Tuesday"} & set(kept_words())
    assert receive_call_wishes() == 0


# A sign of life begins the eighteen months anew


def writes_again(contact, owner):
    answer(message="I row again.")


def registers(contact, owner):
    registered(contact, state="cancelled", cancelled_at=timezone.now())


def sends_a_mail(contact, owner):
    InboundMail.objects.create(raw=b"Hello", fingerprint=b"0" * 32, contact=contact, received_at=timezone.now())


def is_called_late(contact, owner):
    complete(contact.leads.get().follow_up, by=owner)


def is_put_off(contact, owner):
    snooze(contact.leads.get().follow_up, until=timezone.localdate() + timedelta(days=1), by=owner)


@pytest.mark.parametrize("sign", [writes_again, registers, sends_a_mail, is_called_late, is_put_off])
def test_it_waits_for_eighteen_months_after_a_sign_of_life(lead, owner, sign):
    with time_machine.travel(NOW - 2 * MONTH, tick=False):
        sign(lead.contact, owner)

    assert forget_quiet_leads() == 0
    with time_machine.travel(NOW - 2 * MONTH + KEEP_FOR + timedelta(days=2)):
        assert forget_quiet_leads() == 1
    assert set(Lead.objects.values_list("name", flat=True)) == {"Erased"}


def test_it_is_no_sign_that_a_second_yes_never_came(lead):
    registered(lead.contact, state="cancelled", cancelled_by="unconfirmed", cancelled_at=NOW - MONTH)

    assert forget_quiet_leads() == 1


# Who came to something stays, however long ago


def came_to_a_workshop(lead, gym, owner):
    registered(lead.contact, at=lead.created_at + MONTH, checked_in_at=lead.created_at + MONTH)


def wants_letters(lead, gym, owner):
    record_consent(lead.contact, purpose=Purpose.NEWS, state=State.GRANTED, source="website form", at=lead.created_at)


def is_a_partners_person(lead, gym, owner):
    gym.roles.create(contact=lead.contact, title="Coach")


def sent_somebody(lead, gym, owner):
    gym.roles.create(contact=lead.contact, title="Coach")
    receive_referral(gym, referred_by=lead.contact, by=owner)
    gym.roles.all().delete()


def was_met(lead, gym, owner):
    log_touch(gym, kind=Touch.TouchKind.VISIT, by=owner, contacts=[lead.contact], occurred_at=lead.created_at + MONTH)


def is_kept_by_hand(lead, gym, owner):
    Lead.objects.update(kept_at=lead.created_at)


@pytest.mark.parametrize(
    "reason", [came_to_a_workshop, wants_letters, is_a_partners_person, sent_somebody, was_met, is_kept_by_hand]
)
def test_it_keeps_who_came_to_something(lead, quiet_gym, owner, reason):
    reason(lead, quiet_gym, owner)

    with time_machine.travel(NOW + 10 * KEEP_FOR):
        assert forget_quiet_leads() == 0
    lead.refresh_from_db()
    assert lead.name == "Adalbert Quist"


# The lead goes, and the contact stays


def known_before(contact, owner):
    Contact.objects.filter(pk=contact.pk).update(created_at=NOW - KEEP_FOR - 2 * MONTH)


def registered_before(contact, owner):
    registered(contact, at=NOW - KEEP_FOR - MONTH, state="cancelled", cancelled_at=NOW - KEEP_FOR - MONTH)


def has_an_old_to_do(contact, owner):
    with time_machine.travel(NOW - KEEP_FOR - MONTH):
        follow_up(contact=contact, title="Bring the key back", due_on=timezone.localdate())


@pytest.mark.parametrize("life", [known_before, registered_before, has_an_old_to_do])
def test_it_keeps_a_contact_with_a_life_of_its_own(lead, owner, life):
    life(lead.contact, owner)

    assert forget_quiet_leads() == 1

    contact = Contact.objects.get()
    assert (Lead.objects.get().name, contact.name, contact.archived_at) == ("Erased", "Adalbert Quist", None)


# At work, and in the office


def test_it_asks_once_however_many_are_kept(practice, django_assert_num_queries):
    for number in range(3):
        Lead.objects.update(kept_at=NOW)
        answer(email=f"one{number}@example.com")

    with django_assert_num_queries(1):
        forget_quiet_leads()


@pytest.mark.parametrize("role", ["owner", "assistant"])
def test_it_is_kept_for_good_with_one_press_and_let_go_with_another(client, request, lead, role):
    client.force_login(request.getfixturevalue(role))

    page = client.post(f"/admin/leads/keep/{lead.pk}/", {"keep": "yes"}, follow=True).text
    assert "For good, since" in page
    assert "Adalbert Quist is kept for good." in page
    assert forget_quiet_leads() == 0

    page = client.post(f"/admin/leads/keep/{lead.pk}/", {"keep": "no"}, follow=True).text
    assert "Until nothing was heard of them for eighteen months." in page
    assert forget_quiet_leads() == 1
    page = client.get(f"/admin/leads/inspect/{lead.pk}/").text
    assert "who it was has been erased" in page
    assert "Keep it" not in page


def test_it_says_until_when_a_fresh_one_is_kept(client, owner, practice):
    client.force_login(owner)

    assert "at least" in client.get(f"/admin/leads/inspect/{answer().pk}/").text


def test_it_lets_a_viewer_keep_nothing(client, viewer, lead):
    assert client.post(f"/admin/leads/keep/{lead.pk}/")["Location"].startswith("/admin/login/")
    client.force_login(viewer)
    assert client.post(f"/admin/leads/keep/{lead.pk}/", {"keep": "yes"}).status_code == 302
    assert client.get(f"/admin/leads/keep/{lead.pk}/").status_code in (302, 405)

    assert Lead.objects.get().kept_at is None
    assert "Keep it" not in client.get(f"/admin/leads/inspect/{lead.pk}/").text
