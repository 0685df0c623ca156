"""Who came to a workshop and asked to be called becomes a lead, once, whoever looks and how often."""

from __future__ import annotations

import pytest

from content.call_wishes import receive_call_wishes
from content.models import Lead
from crm.mail.models import Message
from partners.actions import complete
from partners.models import FollowUp
from workshops import actions

pytestmark = pytest.mark.django_db


def test_it_makes_a_lead_with_the_to_do_that_was_promised(wish, quiet_gym):
    assert receive_call_wishes() == 1

    lead = Lead.objects.get()
    assert (lead.name, lead.email, lead.phone) == ("Adalbert Quist", "adalbert@example.com", "613 555 0199")
    assert lead.message == "Asked to be called. Best time: Tuesday mornings"
    assert lead.follow_up == FollowUp.objects.get(contact=wish.contact)
    assert (lead.credited_to, lead.contact, lead.registration) == (quiet_gym, wish.contact, wish)
    assert lead.standing == "To answer"


def test_it_makes_it_once(wish):
    assert [receive_call_wishes(), receive_call_wishes()] == [1, 0]

    assert Lead.objects.count() == 1
    assert FollowUp.objects.filter(contact=wish.contact).count() == 1
    assert Message.objects.filter(dedupe_key__endswith=":to-the-practice").count() == 1


def test_it_tells_nobody_what_they_wrote_of_their_body(wish):
    receive_call_wishes()

    lead, message = Lead.objects.get(), Message.objects.get(dedupe_key__endswith=":to-the-practice")
    assert "knee is" not in f"{lead.message} {lead.heard_from} {lead.follow_up.title}"
    assert "knee is" not in f"{message.content.text} {message.content.html}"
    assert "asked to be called" in message.content.subject


def test_it_leaves_a_wish_that_was_taken_back(wish):
    actions.rate(wish, stars=5)

    assert receive_call_wishes() == 0


def test_it_counts_as_answered_when_the_wish_is_taken_back_later(wish):
    receive_call_wishes()
    actions.rate(wish, stars=5)

    assert Lead.objects.get().standing == "Answered"


def test_it_is_answered_with_its_to_do(wish, owner):
    receive_call_wishes()
    complete(Lead.objects.get().follow_up, by=owner)

    assert Lead.objects.get().is_answered


def test_it_is_shown_with_its_workshop_and_partner(client, owner, wish, quiet_gym):
    receive_call_wishes()
    client.force_login(owner)

    listed = client.get("/admin/leads/").content.decode()
    page = client.get(f"/admin/leads/inspect/{Lead.objects.get().pk}/").content.decode()

    assert "Workshop “Knees that last”" in listed
    assert quiet_gym.name in page
    assert f"/admin/workshops/inspect/{wish.workshop_id}/" in page
