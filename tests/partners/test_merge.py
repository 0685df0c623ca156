"""Two records become one: everything moves, nothing is lost, and it can be undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from auditlog.models import LogEntry
from django.utils import timezone

from campaigns.models import Audience, Broadcast, Letter, Recipient, SkipReason
from crm.people.models import ConsentEvent, Contact
from partners import actions
from partners.actions.merging import CHOICES, STAYS, links
from partners.models import (
    FollowUp,
    Gift,
    Merge,
    NotTwins,
    Outing,
    Partner,
    Referral,
    Role,
    SentReferral,
    Stage,
    ToMeet,
    Touch,
)
from workshops.models import Feed, Registration, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> Partner:
    return Partner.objects.create(name="Ironworks Gym", kind="gym", phone="613 555 0101", stage=Stage.CONVERSATION)


@pytest.fixture
def gone() -> Partner:
    return Partner.objects.create(
        name="Iron Works", kind="gym", email="hello@ironworks.example", stage=Stage.ACTIVE, notes="Ask for Sam."
    )


@pytest.fixture
def hung(gone, owner) -> dict[str, object]:
    """One of everything on the partner that goes, by the column that points there."""
    now = timezone.now()
    contact = Contact.objects.create(name="Sam Reyes", email="sam@ironworks.example")
    outing = Outing.objects.create(name="Fair", on=timezone.localdate(), partner=gone)
    broadcast = Broadcast.objects.create(
        letter=Letter.objects.create(name="News", subject="News"), audience=Audience.objects.create(name="All")
    )
    workshop = Workshop.objects.create(
        title="Knees", slug="knees", host=gone, place="There", starts_at=now, ends_at=now + timedelta(hours=1)
    )
    earlier = Partner.objects.create(name="Iron Wrks", archived_at=now, merged_into=gone)
    return {
        "partners.Partner.merged_into": earlier,
        "partners.Role.partner": Role.objects.create(partner=gone, contact=contact, is_primary=True),
        "partners.Touch.partner": actions.log_touch(gone, kind=Touch.TouchKind.VISIT, by=owner, contacts=[contact]),
        "partners.FollowUp.partner": actions.follow_up(partner=gone, title="Call", due_on=timezone.localdate()),
        "partners.Referral.partner": Referral.objects.create(partner=gone, referred_by=contact),
        "partners.SentReferral.partner": SentReferral.objects.create(partner=gone),
        "partners.Gift.partner": Gift.objects.create(
            partner=gone, recipient="partner", what="Apples", purpose="Open day", value_cents=1000, by=owner
        ),
        "partners.Outing.partner": outing,
        "partners.ToMeet.partner": ToMeet.objects.create(outing=outing, name="Sam", partner=gone),
        "workshops.Workshop.host": workshop,
        "workshops.Feed.partner": Feed.objects.create(partner=gone),
        "workshops.Registration.credited_to": Registration.objects.create(
            workshop=workshop, contact=contact, name="Sam", email=contact.email, state="waiting", credited_to=gone
        ),
        "campaigns.Recipient.partner": Recipient.objects.create(
            broadcast=broadcast, contact=contact, partner=gone, skipped_because=SkipReason.values[0]
        ),
    }


def holder(label: str, row) -> int:
    name = label.rpartition(".")[2]
    return type(row)._base_manager.values_list(name, flat=True).get(pk=row.pk)


def test_it_moves_everything_that_points_to_the_one_that_goes(gone, kept, hung, owner):
    done = actions.merge(gone, into=kept, choices={}, by=owner)

    assert {label: holder(label, row) for label, row in hung.items()} == dict.fromkeys(hung, kept.pk)
    gone.refresh_from_db()
    assert (gone.merged_into, gone.archived_at is not None) == (kept, True)
    assert set(done.moved) == set(hung)


def test_it_forgets_no_room(hung):
    """A new relation to a partner is moved as well; it is named here once somebody has thought about it."""
    assert set(links()) - STAYS == set(hung) - {"partners.Role.partner"}


def test_it_leaves_with_the_old_record_what_there_may_be_one_of(gone, kept, owner):
    """Two calendars that are subscribed to: the one that stays keeps its own, and the other comes back with an undo."""
    old, new = Feed.objects.create(partner=gone), Feed.objects.create(partner=kept)
    taken_back = Feed.objects.create(partner=gone, revoked_at=timezone.now())
    done = actions.merge(gone, into=kept, choices={}, by=owner)

    assert set(Feed.objects.filter(partner=kept)) == {new, taken_back}
    actions.unmerge(done, by=owner)
    assert set(Feed.objects.filter(partner=gone)) == {old, taken_back}


def test_it_lets_the_owner_choose_every_field_there_is():
    own = {"id", "code", "source", "external_id", "batch", "merged_into", "created_at", "created_by", "archived_at"}
    chosen = {name for names in CHOICES.values() for name in names}

    assert {field.name for field in Partner._meta.concrete_fields} == chosen | own


def test_it_keeps_what_was_chosen(gone, kept, owner):
    kept.notes = "Ring the bell."
    kept.save()

    actions.merge(gone, into=kept, choices={"email": "gone", "stage": "gone", "notes": "both"}, by=owner)

    kept.refresh_from_db()
    assert (kept.name, kept.phone, kept.email) == ("Ironworks Gym", "613 555 0101", "hello@ironworks.example")
    assert (kept.stage, kept.stage_changed_at) == (Stage.ACTIVE, gone.stage_changed_at)
    assert kept.notes == "Ring the bell.\n\nAsk for Sam."


def test_it_follows_with_the_rhythm(gone, kept, hung, owner):
    actions.merge(gone, into=kept, choices={}, by=owner)

    kept.rhythm.refresh_from_db()
    gone.rhythm.refresh_from_db()
    assert kept.rhythm.last_touch_id == hung["partners.Touch.partner"].pk
    assert (kept.rhythm.referrals, kept.rhythm.next_step_id) == (1, hung["partners.FollowUp.partner"].pk)
    assert (gone.rhythm.last_touch_id, gone.rhythm.referrals, gone.rhythm.latest_on) == (None, 0, None)


def test_it_tells_both_histories(gone, kept, owner):
    actions.merge(gone, into=kept, choices={"email": "gone"}, by=owner)

    entry = LogEntry.objects.get_for_object(kept).first()
    assert entry.changes == {"merged": ["", "Iron Works"], "email": ["", "hello@ironworks.example"]}
    assert LogEntry.objects.get_for_object(gone).count() >= 2  # made, and merged


def test_it_keeps_consents_and_every_count(gone, kept, hung, owner):
    ConsentEvent.objects.create(contact=hung["partners.Role.partner"].contact, purpose="partner", state="withdrawn")
    tables = (Touch, FollowUp, Referral, Gift, Role, ConsentEvent, Partner, SentReferral, ToMeet)
    before = {table: table.objects.count() for table in tables}

    actions.merge(gone, into=kept, choices={}, by=owner)

    assert {table: table.objects.count() for table in tables} == before


def test_it_has_one_main_person_and_one_place_for_each(gone, kept, hung, owner):
    ada = Contact.objects.create(name="Ada", email="ada@ironworks.example")
    Role.objects.create(partner=kept, contact=ada, is_primary=True)
    Role.objects.create(partner=gone, contact=ada, title="Head coach", is_healthcare_provider=True)

    actions.merge(gone, into=kept, choices={}, by=owner)

    assert [(role.contact.name, role.is_primary) for role in kept.roles.all()] == [("Ada", True), ("Sam Reyes", False)]
    place = kept.roles.get(contact=ada)
    assert (place.title, place.is_healthcare_provider) == ("Head coach", True)


def test_it_merges_three_in_a_row(gone, kept, hung, owner):
    third = Partner.objects.create(name="The Ironworks")
    actions.merge(gone, into=kept, choices={}, by=owner)
    actions.merge(kept, into=third, choices={}, by=owner)

    gone.refresh_from_db()
    assert gone.merged_into == third
    assert third.touches.count() == 1


@pytest.mark.parametrize("which", ["gone", "kept"])
def test_it_refuses_what_was_merged_before(gone, kept, owner, which):
    actions.merge(gone, into=kept, choices={}, by=owner)
    third = Partner.objects.create(name="The Ironworks")
    pair = (gone, third) if which == "gone" else (third, gone)

    with pytest.raises(actions.AlreadyMerged):
        actions.merge(pair[0], into=pair[1], choices={}, by=owner)


def test_it_refuses_itself_and_an_archived_survivor(gone, kept, owner):
    with pytest.raises(actions.MergedWithItself):
        actions.merge(kept, into=kept, choices={}, by=owner)
    actions.archive(kept, by=owner)
    with pytest.raises(actions.KeptIsArchived):
        actions.merge(gone, into=kept, choices={}, by=owner)


def test_it_carries_over_who_is_not_the_same(gone, kept, owner):
    other = Partner.objects.create(name="Ironworks Café")
    NotTwins.objects.create(first=gone, second=other)

    done = actions.merge(gone, into=kept, choices={}, by=owner)
    assert NotTwins.objects.filter(first=kept, second=other).exists()

    actions.unmerge(done, by=owner)
    assert not NotTwins.objects.filter(first=kept).exists()


def test_it_takes_a_merge_back(gone, kept, hung, owner):
    kept_before = Partner.objects.values().get(pk=kept.pk)
    done = actions.merge(gone, into=kept, choices=dict.fromkeys(CHOICES, "gone"), by=owner)

    assert actions.unmerge(done, by=owner) == []

    assert {label: holder(label, row) for label, row in hung.items()} == dict.fromkeys(hung, gone.pk)
    assert Partner.objects.values().get(pk=kept.pk) == kept_before
    gone.refresh_from_db()
    assert (gone.merged_into, gone.archived_at) == (None, None)
    assert gone.roles.get().is_primary
    assert gone.rhythm.referrals == 1


def test_it_keeps_what_was_changed_by_hand_and_what_is_new(gone, kept, hung, owner):
    done = actions.merge(gone, into=kept, choices={"email": "gone", "name": "gone"}, by=owner)
    Partner.objects.filter(pk=kept.pk).update(email="new@ironworks.example")
    touch = actions.log_touch(kept, kind=Touch.TouchKind.CALL, by=owner)

    assert actions.unmerge(done, by=owner) == ["e-mail"]

    kept.refresh_from_db()
    assert (kept.name, kept.email) == ("Ironworks Gym", "new@ironworks.example")
    assert list(kept.touches.all()) == [touch]


def test_it_stays_archived_when_it_was(gone, kept, owner):
    actions.archive(gone, by=owner)
    at = Partner.objects.get(pk=gone.pk).archived_at
    actions.unmerge(actions.merge(gone, into=kept, choices={}, by=owner), by=owner)

    gone.refresh_from_db()
    assert gone.archived_at == at


def test_it_takes_a_merge_back_once_and_within_thirty_days(gone, kept, owner):
    done = actions.merge(gone, into=kept, choices={}, by=owner)
    with time_machine.travel(done.at + timedelta(days=30, seconds=1)), pytest.raises(actions.TooLateToUnmerge):
        actions.unmerge(done, by=owner)
    with time_machine.travel(done.at + timedelta(days=30, seconds=-1)):
        actions.unmerge(done, by=owner)
    with pytest.raises(actions.AlreadyUnmerged):
        actions.unmerge(done, by=owner)


def test_it_takes_back_the_last_merge_first(gone, kept, owner):
    third = Partner.objects.create(name="The Ironworks")
    first = actions.merge(gone, into=kept, choices={}, by=owner)
    second = actions.merge(kept, into=third, choices={}, by=owner)

    with pytest.raises(actions.MergedSince, match="The Ironworks"):
        actions.unmerge(first, by=owner)
    actions.unmerge(second, by=owner)
    actions.unmerge(Merge.objects.get(pk=first.pk), by=owner)

    gone.refresh_from_db()
    assert gone.merged_into is None


def test_it_writes_nothing_to_the_one_that_went(gone, kept, owner):
    """Somebody still has its page open: what they log lands where it belongs."""
    actions.merge(gone, into=kept, choices={}, by=owner)

    touch = actions.log_touch(gone, kind=Touch.TouchKind.CALL, by=owner)
    todo = actions.follow_up(partner=gone, title="Call", due_on=timezone.localdate())
    role = actions.add_person(gone, name="Sam", email="sam@ironworks.example")

    assert {Touch.objects.get(pk=touch.pk).partner, FollowUp.objects.get(pk=todo.pk).partner} == {kept}
    assert role.partner == kept
    assert not actions.restore(gone, by=owner)
    with pytest.raises(actions.AlreadyMoved):
        actions.move_stage(gone, to=Stage.DORMANT, reason="They sleep.", by=owner)


def test_it_merges_again_after_it_was_taken_back(gone, kept, owner):
    actions.unmerge(actions.merge(gone, into=kept, choices={}, by=owner), by=owner)
    gone.refresh_from_db()

    actions.merge(gone, into=kept, choices={}, by=owner)

    assert Merge.objects.filter(gone=gone).count() == 2
