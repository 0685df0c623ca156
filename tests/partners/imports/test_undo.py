from __future__ import annotations

import pytest
from auditlog.models import LogEntry

from crm.people.models import Contact
from partners.imports import actions
from partners.imports.refusals import NotNow
from partners.models import FollowUp, ImportBatch, Kind, Partner, Referral, Role, Touch
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
                title="Knees", slug="knees", host=partner, starts_at="2026-01-02T10:00Z", ends_at="2026-01-02T11:00Z"
            )


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
