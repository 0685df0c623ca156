from __future__ import annotations

import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from crm.people.models import Contact
from partners.actions import merge_contacts, unmerge_contacts
from partners.imports import actions
from partners.imports.refusals import NotNow
from partners.models import (
    FollowUp,
    ImportBatch,
    Kind,
    NotOnePerson,
    NotTwins,
    Outing,
    Partner,
    Referral,
    Role,
    SentReferral,
    ToMeet,
    Touch,
)
from workshops.models import Workshop

pytestmark = pytest.mark.django_db

LIST = "Name,Street,Phone\nIronworks,1 Main Street,613-555-0101\nZen,2 Main Street,613-555-0102\n"


def test_it_restores_what_it_changed(imported):
    partner = Partner.objects.create(name="Zen", street="2 Main Street", kind=Kind.YOGA_STUDIO)
    before = Partner.objects.filter(pk=partner.pk).values().get()
    batch = imported(LIST)

    actions.undo(batch)

    assert Partner.objects.values().get() == before
    assert (batch.counts["removed"], batch.counts["restored"], batch.counts["kept"]) == (1, 1, 0)


def test_it_does_nothing_the_second_time(imported):
    batch = imported(LIST)
    actions.undo(batch)
    kept = Partner.objects.create(name="By hand")

    actions.undo(batch)

    assert list(Partner.objects.all()) == [kept]
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.UNDONE


def attach(partner: Partner, what: str) -> None:
    match what:
        case "touches":
            Touch.objects.create(partner=partner)
        case "to dos":
            FollowUp.objects.create(partner=partner, title="Call", due_on="2026-01-02")
        case "referrals":
            Referral.objects.create(partner=partner)
        case "workshops":
            Workshop.objects.create(
                title="Knees", slug="knees", host=partner, place="There",
                starts_at="2026-01-02T10:00Z", ends_at="2026-01-02T11:00Z",
            )  # fmt: skip


@pytest.mark.parametrize("what", ["touches", "to dos", "referrals", "workshops"])
def test_it_keeps_a_partner_that_something_hangs_on(imported, what):
    batch = imported(LIST)
    attach(Partner.objects.get(name="Zen"), what)

    actions.undo(batch)

    assert Partner.objects.get().name == "Zen"
    assert batch.rows.exclude(kept="").get().kept == f"It has {what} by now."


def test_it_keeps_a_partner_edited_since(imported):
    batch = imported(LIST)
    Partner.objects.filter(name="Zen").update(notes="Lovely people.", stage="showing_up")

    actions.undo(batch)

    assert Partner.objects.get().name == "Zen"
    assert batch.rows.exclude(kept="").get().kept == "Edited since: stage, notes."


def test_it_keeps_a_partner_that_got_a_person(imported):
    batch = imported(LIST)
    Role.objects.create(partner=Partner.objects.get(name="Zen"), contact=Contact.objects.create(name="Bo"))

    actions.undo(batch)

    assert batch.rows.exclude(kept="").get().kept == "A person was added since."


def test_it_leaves_a_value_changed_again_since(imported):
    partner = Partner.objects.create(name="Zen", street="2 Main Street")
    batch = imported("Name,Street,Phone,City\nZen,2 Main Street,613-555-0102,Ottawa\n")
    Partner.objects.filter(pk=partner.pk).update(phone="new number")

    actions.undo(batch)

    partner.refresh_from_db()
    assert (partner.phone, partner.city) == ("new number", "")
    assert batch.rows.get().kept == "Changed again since, so left: phone."


def test_it_takes_people_back_but_not_those_known_before(imported):
    known = Contact.objects.create(name="", email="al@zen.example")
    batch = imported(
        "Name,Person,Contact email\nZen,Bo,bo@zen.example\nGym,Al,al@zen.example\nIron,Bo,bo@zen.example\n"
    )
    assert Role.objects.count() == 3

    actions.undo(batch)

    assert not Role.objects.exists()
    assert Contact.objects.get() == known
    assert Contact.objects.get().name == ""


def test_it_archives_a_person_whose_consent_is_on_record(imported):
    text = "Name,Person,Contact email\nZen,Bo,bo@zen.example\n"
    batch = imported(text, consent="Met at the fair.")

    actions.undo(batch)

    bo = Contact.objects.get()
    assert bo.archived_at
    assert bo.consents.count() == 1
    assert "archived_at" in LogEntry.objects.get_for_object(bo).first().changes


def test_it_undoes_only_what_was_imported(checked):
    with pytest.raises(NotNow):
        actions.undo(checked(LIST))


PEOPLE = "Name,Person,Contact email\nZen,Bo Li,bo@zen.example\nIronworks,Ada,ada@iw.example\n"


@pytest.mark.parametrize("merge_away", [True, False])
def test_it_keeps_somebody_who_was_merged_since(imported, owner, merge_away):
    batch = imported(PEOPLE)
    bo, known = Contact.objects.get(name="Bo Li"), Contact.objects.create(name="Bo Li", email="bo@mail.example")
    gone, into = (bo, known) if merge_away else (known, bo)
    done = merge_contacts(gone, into=into, choices={}, by=owner)

    actions.undo(batch)

    assert set(Contact.objects.values_list("name", flat=True)) == {"Bo Li"}
    assert unmerge_contacts(done, by=owner) == []
    assert Contact.objects.active().count() == 2


def test_it_keeps_who_was_sent_somebody(imported):
    batch = imported(PEOPLE)
    zen, bo = Partner.objects.get(name="Zen"), Contact.objects.get(name="Bo Li")
    SentReferral.objects.create(partner=Partner.objects.create(name="By hand"), contact=bo)
    outing = Outing.objects.create(name="Fair", on=timezone.localdate())
    ToMeet.objects.create(outing=outing, name="Bo", partner=zen)

    actions.undo(batch)

    assert set(Partner.objects.values_list("name", flat=True)) == {"Zen", "By hand"}
    assert Contact.objects.get() == bo


def test_it_forgets_that_two_were_two(imported):
    batch = imported(PEOPLE)
    first, second = Partner.objects.order_by("pk")
    NotTwins.objects.create(first=first, second=second)
    one, other = Contact.objects.order_by("pk")
    NotOnePerson.objects.create(first=one, second=other)

    actions.undo(batch)

    assert not Partner.objects.exists()
    assert not Contact.objects.exists()
