"""Two contacts who are one person become one: nothing is lost, a no of either holds, and it can be undone exactly."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import Page

from campaigns.models import Audience, Broadcast, Letter, Recipient, SkipReason
from content.models import Lead
from crm.mail.actions import close_for_letters, queue, unsubscribe, unsubscribe_contact
from crm.mail.models import Content, InboundMail, MessageClass, Pause, Suppression
from crm.people.actions import find_or_create_contact, may_write, record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from partners import actions
from partners.actions.joining import links_to
from partners.actions.merging_people import CHOICES, STAYS
from partners.models import ContactMerge, FollowUp, Gift, NotOnePerson, Partner, Referral, Role, SentReferral, Touch
from workshops.actions import register
from workshops.models import Workshop

pytestmark = pytest.mark.django_db
YES, IMPLIED, NO = ConsentEvent.State.GRANTED, ConsentEvent.State.IMPLIED, ConsentEvent.State.WITHDRAWN


@pytest.fixture
def kept() -> Contact:
    return Contact.objects.create(name="Sam Reyes", email="sam@ironworks.example", phone="613 555 0101")


@pytest.fixture
def gone() -> Contact:
    return Contact.objects.create(name="Sam Reyes", email="sam.reyes@mail.example", time_zone="America/Vancouver")


@pytest.fixture
def gym() -> Partner:
    return Partner.objects.create(name="Ironworks Gym", kind="gym")


def letter_to(contact: Contact, key: str = "news"):
    content = Content.objects.create(subject="News", text="News.")
    return queue(
        contact,
        message_class=MessageClass.MARKETING,
        dedupe_key=f"{key}:{contact.pk}",
        content=content,
        to_email=contact.email,
        to_name=contact.name,
    )


@pytest.fixture
def workshop(gym) -> Workshop:
    starts_at = timezone.now() + timedelta(days=9)
    return Workshop.objects.create(
        title="Knees", slug="knees", host=gym, place="There", starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1), state=Workshop.State.OPEN,
    )  # fmt: skip


@pytest.fixture
def hung(gone, gym, owner, workshop) -> dict[str, object]:
    """One of everything on the contact who goes, by the column that points there."""
    touch = actions.log_touch(gym, kind=Touch.TouchKind.VISIT, by=owner, contacts=[gone])
    broadcast = Broadcast.objects.create(
        letter=Letter.objects.create(name="News", subject="News"), audience=Audience.objects.create(name="All")
    )
    return {
        "people.Contact.merged_into": Contact.objects.create(
            name="S. Reyes", archived_at=timezone.now(), merged_into=gone
        ),
        "people.ConsentEvent.contact": record_consent(gone, purpose=Purpose.NEWS, state=YES, source="in person"),
        "mail.Message.contact": letter_to(gone),
        "mail.InboundMail.contact": InboundMail.objects.create(contact=gone, fingerprint=b"1" * 32, raw=b""),
        "mail.Pause.contact": Pause.objects.create(contact=gone, until=timezone.now() + timedelta(days=30)),
        "partners.Role.contact": Role.objects.create(partner=gym, contact=gone, title="Coach", is_primary=True),
        "partners.Touch_contacts.contact": Touch.contacts.through.objects.get(touch=touch),
        "partners.FollowUp.contact": actions.follow_up(contact=gone, title="Call", due_on=timezone.localdate()),
        "partners.Gift.contact": Gift.objects.create(
            partner=gym, contact=gone, recipient="partner", what="Apples", purpose="Open day", value_cents=1, by=owner
        ),
        "partners.Referral.referred_by": Referral.objects.create(partner=gym, referred_by=gone),
        "partners.SentReferral.contact": SentReferral.objects.create(partner=gym, contact=gone),
        "workshops.Registration.contact": register(workshop, name="Sam", email=gone.email),
        "content.Lead.contact": Lead.objects.create(
            contact=gone, name="Sam", email=gone.email, page=Page.objects.first()
        ),
        "campaigns.Recipient.contact": Recipient.objects.create(
            broadcast=broadcast, contact=gone, skipped_because=SkipReason.values[0]
        ),
    }


def everything() -> dict[str, list]:
    """Every row of every table but the merges, the change history and what the web keeps for itself."""
    besides = {"auditlog", "sessions", "wagtailcore", "wagtailsearch", "django_q"}
    return {
        model._meta.label: sorted(map(repr, model._base_manager.values_list()))
        for model in apps.get_models(include_auto_created=True)
        if model is not ContactMerge and model._meta.app_label not in besides
    }


def holder(label: str, row) -> int:
    name = label.rpartition(".")[2]
    return type(row)._base_manager.values_list(name, flat=True).get(pk=row.pk)


def test_it_moves_everything_that_points_to_the_one_who_goes(gone, kept, hung, owner):
    done = actions.merge_contacts(gone, into=kept, choices={}, by=owner)

    assert {label: holder(label, row) for label, row in hung.items()} == dict.fromkeys(hung, kept.pk)
    assert set(hung) == set(done.moved)
    gone.refresh_from_db()
    assert (gone.merged_into, gone.archived_at is not None, gone.email) == (kept, True, "sam.reyes@mail.example")


def test_it_forgets_no_room(hung):
    """A new relation to a contact is moved as well; it is named here once somebody has thought about it."""
    assert set(links_to(Contact)) - STAYS == set(hung)


def test_it_lets_the_owner_choose_every_field_there_is():
    own = {"id", "created_at", "archived_at", "merged_into"}

    assert {field.name for field in Contact._meta.concrete_fields} == set(CHOICES) | own


def test_it_loses_no_row_and_gives_back_exactly(gone, kept, hung, owner):
    before = everything()
    done = actions.merge_contacts(gone, into=kept, choices=dict.fromkeys(CHOICES, "gone"), by=owner)
    counts = {name: len(rows) for name, rows in everything().items()}

    assert counts == {name: len(rows) for name, rows in before.items()}
    assert actions.unmerge_contacts(ContactMerge.objects.get(pk=done.pk), by=owner) == []
    assert everything() == before


def test_it_lists_once_who_was_listed_twice(gone, kept, gym, hung, owner, workshop):
    """At one partner, at one touch, in one broadcast, at one workshop, paused twice."""
    Role.objects.create(partner=gym, contact=kept)
    hung["partners.Touch_contacts.contact"].touch.contacts.add(kept)
    seat = register(workshop, name="Sam", email=kept.email)
    row = hung["campaigns.Recipient.contact"]
    Recipient.objects.create(broadcast=row.broadcast, contact=kept, skipped_because=row.skipped_because)
    short = Pause.objects.create(contact=kept, until=timezone.now() + timedelta(days=2))
    before = everything()

    done = actions.merge_contacts(gone, into=kept, choices={}, by=owner)

    place = gym.roles.get()
    assert (place.contact, place.title, place.is_primary) == (kept, "Coach", True)
    assert list(Touch.objects.get().contacts.all()) == [kept]
    assert set(kept.registrations.all()) == {seat, hung["workshops.Registration.contact"]}
    assert Recipient.objects.count() == 2
    short.refresh_from_db()
    assert short.until == hung["mail.Pause.contact"].until
    actions.unmerge_contacts(ContactMerge.objects.get(pk=done.pk), by=owner)
    assert everything() == before


def test_it_leads_from_the_old_address_to_the_one_who_stays(gone, kept, owner, gym, workshop):
    actions.merge_contacts(gone, into=kept, choices={}, by=owner)

    assert find_or_create_contact("SAM.Reyes@mail.example") == kept
    assert Contact.objects.known_by(gone.email) == kept
    assert register(workshop, name="Sam", email=gone.email).contact == kept
    assert actions.add_person(gym, name="Sam", email=gone.email).contact == kept
    gone.refresh_from_db()
    assert gone.archived_at


def test_it_swaps_addresses_so_that_both_lead_there(gone, kept, owner):
    actions.merge_contacts(gone, into=kept, choices={"email": "gone"}, by=owner)

    kept.refresh_from_db()
    assert kept.email == "sam.reyes@mail.example"
    assert find_or_create_contact("sam@ironworks.example") == kept


def test_it_keeps_the_only_address_there_is(gone, owner):
    kept = Contact.objects.create(name="Sam")
    actions.merge_contacts(gone, into=kept, choices={"email": "kept"}, by=owner)

    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.email, gone.email) == ("sam.reyes@mail.example", "")


def test_it_writes_nothing_to_the_one_who_went(gone, kept, owner, gym):
    """Somebody still has the old page open: what they do lands where it belongs."""
    actions.merge_contacts(gone, into=kept, choices={}, by=owner)

    touch = actions.log_touch(gym, kind=Touch.TouchKind.CALL, by=owner, contacts=[gone])
    todo = actions.follow_up(contact=gone, title="Call", due_on=timezone.localdate())
    referral = actions.receive_referral(gym, by=owner, referred_by=gone)
    unsubscribe_contact(gone, source="by phone", evidence="They called.")
    word = record_consent(gone, purpose=Purpose.CARE, state=NO, source="by phone")

    assert list(touch.contacts.all()) == [kept]
    assert FollowUp.objects.get(pk=todo.pk).contact == kept
    assert Referral.objects.get(pk=referral.pk).referred_by == kept
    assert ConsentEvent.objects.get(pk=word.pk).contact == kept


WORDS = st.lists(st.tuples(st.booleans(), st.sampled_from(Purpose), st.sampled_from([YES, IMPLIED, NO])), max_size=8)


@given(WORDS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_holds_a_no_of_either(db, words):
    with transaction.atomic():
        kept = Contact.objects.create(name="Sam", email="a@example.com")
        gone = Contact.objects.create(name="Sam", email="b@example.com")
        for is_gone, purpose, state in words:
            record_consent(gone if is_gone else kept, purpose=purpose, state=state, source="test")
        standing = [{purpose: latest and latest.state for purpose, latest in c.consent_standing} for c in (kept, gone)]

        done = actions.merge_contacts(gone, into=kept, choices={}, by=None)

        for purpose in Purpose:
            said = [each[purpose] for each in standing]
            assert may_write(kept, purpose=purpose) == (NO not in said and any(said))
        assert kept.consents.count() >= len(words)
        actions.unmerge_contacts(done, by=None)
        after = [{purpose: latest and latest.state for purpose, latest in c.consent_standing} for c in (kept, gone)]
        assert after == standing
        transaction.set_rollback(True)


@pytest.mark.parametrize("which", ["gone", "kept"])
def test_it_closes_both_addresses_where_one_was_closed_by_its_reader(gone, kept, owner, which):
    close_for_letters({"gone": gone, "kept": kept}[which].email)
    before = everything()

    done = actions.merge_contacts(gone, into=kept, choices={}, by=owner)

    assert Suppression.objects.scopes_of([gone.email, kept.email]) == {
        gone.email: {"letters"},
        kept.email: {"letters"},
    }
    actions.unmerge_contacts(ContactMerge.objects.get(pk=done.pk), by=owner)
    assert everything() == before


def test_it_leaves_an_address_open_whose_other_one_only_bounced(gone, kept, owner):
    close_for_letters(gone.email, reason=Suppression.Reason.BOUNCED)
    actions.merge_contacts(gone, into=kept, choices={}, by=owner)

    assert not Suppression.objects.of(kept.email).exists()


def test_it_never_opens_again_what_was_closed_since(gone, kept, owner):
    """The no of one was carried to the other, whose reader pressed the link too; undoing the merge must not undo that."""
    for contact in (gone, kept):
        record_consent(contact, purpose=Purpose.NEWS, state=YES, source="in person")
    message = letter_to(kept)
    unsubscribe(letter_to(gone))
    done = actions.merge_contacts(gone, into=kept, choices={}, by=owner)
    unsubscribe(message)

    actions.unmerge_contacts(done, by=owner)

    assert not may_write(kept, purpose=Purpose.NEWS)
    assert not may_write(gone, purpose=Purpose.NEWS)
    assert Suppression.objects.of(kept.email).exists()


def test_it_changes_hands_in_the_ledger_only_within_a_merge(gone, kept):
    record_consent(gone, purpose=Purpose.NEWS, state=NO, source="in person")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ConsentEvent.objects.filter(contact=gone).update(contact=kept)
    Contact.objects.filter(pk=gone.pk).update(merged_into=kept, archived_at=timezone.now())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ConsentEvent.objects.filter(contact=gone).update(contact=kept, state=YES)


@pytest.mark.parametrize("which", ["gone", "kept"])
def test_it_refuses_who_was_merged_before(gone, kept, owner, which):
    actions.merge_contacts(gone, into=kept, choices={}, by=owner)
    third = Contact.objects.create(name="Sam R.", email="s@example.com")
    pair = (gone, third) if which == "gone" else (third, gone)

    with pytest.raises(actions.AlreadyMerged):
        actions.merge_contacts(pair[0], into=pair[1], choices={}, by=owner)


def test_it_refuses_itself_an_archived_one_and_an_address_that_changed(gone, kept, owner):
    with pytest.raises(actions.MergedWithItself):
        actions.merge_contacts(kept, into=kept, choices={}, by=owner)
    Contact.objects.filter(pk=gone.pk).update(email="new@mail.example")
    with pytest.raises(actions.AddressChanged):
        actions.merge_contacts(gone, into=kept, choices={}, by=owner)
    Contact.objects.filter(pk=kept.pk).update(archived_at=timezone.now())
    gone.refresh_from_db()
    with pytest.raises(actions.KeptIsArchived):
        actions.merge_contacts(gone, into=kept, choices={}, by=owner)


def test_it_takes_a_merge_back_once_within_thirty_days_and_the_last_first(gone, kept, owner):
    third = Contact.objects.create(name="Sam R.", email="s@example.com")
    first = actions.merge_contacts(gone, into=kept, choices={}, by=owner)
    second = actions.merge_contacts(kept, into=third, choices={}, by=owner)
    assert find_or_create_contact(gone.email) == third

    with pytest.raises(actions.MergedSince):
        actions.unmerge_contacts(first, by=owner)
    with time_machine.travel(second.at + timedelta(days=30, seconds=1)), pytest.raises(actions.TooLateToUnmerge):
        actions.unmerge_contacts(second, by=owner)
    with time_machine.travel(second.at + timedelta(days=30, seconds=-1)):
        actions.unmerge_contacts(second, by=owner)
        actions.unmerge_contacts(ContactMerge.objects.get(pk=first.pk), by=owner)
    with pytest.raises(actions.AlreadyUnmerged):
        actions.unmerge_contacts(second, by=owner)
    assert find_or_create_contact(gone.email) == gone


def test_it_keeps_what_was_changed_by_hand_and_what_is_new(gone, kept, owner, gym):
    done = actions.merge_contacts(gone, into=kept, choices={"email": "gone", "time_zone": "gone"}, by=owner)
    Contact.objects.filter(pk=kept.pk).update(email="new@mail.example")
    touch = actions.log_touch(gym, kind=Touch.TouchKind.CALL, by=owner, contacts=[kept])

    assert actions.unmerge_contacts(done, by=owner) == ["e-mail"]

    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.email, kept.time_zone, gone.email) == ("new@mail.example", "", "sam.reyes@mail.example")
    assert list(touch.contacts.all()) == [kept]


def test_it_carries_over_who_is_not_the_same(gone, kept, owner):
    other = Contact.objects.create(name="Sam Reyes", email="other@example.com")
    NotOnePerson.objects.create(first=gone, second=other)

    done = actions.merge_contacts(gone, into=kept, choices={}, by=owner)
    assert NotOnePerson.objects.filter(first=kept, second=other).exists()
    actions.unmerge_contacts(done, by=owner)
    assert not NotOnePerson.objects.filter(first=kept).exists()


def test_it_brings_a_place_back_to_the_partner_that_stayed(gone, kept, gym, owner):
    other = Partner.objects.create(name="Iron Works")
    for contact in (gone, kept):
        Role.objects.create(partner=gym, contact=contact)
    done = actions.merge_contacts(gone, into=kept, choices={}, by=owner)
    actions.merge(gym, into=other, choices={}, by=owner)

    actions.unmerge_contacts(ContactMerge.objects.get(pk=done.pk), by=owner)

    assert {role.contact for role in other.roles.all()} == {gone, kept}
