import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Audience, SkipReason
from crm.mail.models import Suppression, address_hash
from crm.people.models import ConsentEvent, Contact, Purpose
from partners.models import Kind, Stage
from tests.campaigns.conftest import at_gym, person, say

pytestmark = pytest.mark.django_db


def skips(audience, purpose=Purpose.PARTNER) -> dict[str, str]:
    return dict(audience.examined(purpose=purpose).values_list("name", "skip"))


def test_it_takes_the_kinds_and_stages_that_are_ticked(audience):
    at_gym(person("In"))
    at_gym(person("Other kind"), kind=Kind.YOGA_STUDIO)
    at_gym(person("Other stage"), stage=Stage.DORMANT)
    person("Nowhere")

    assert [str(contact) for contact in audience.contacts()] == ["In"]


def test_it_takes_everybody_where_nothing_is_ticked():
    at_gym(person("A"))
    at_gym(person("B"), kind=Kind.OTHER, stage=Stage.PAUSED)

    assert Audience(name="All").contacts().count() == 2


def test_it_leaves_out_archived_partners(audience):
    from django.utils import timezone

    at_gym(person("A"), archived_at=timezone.now())

    assert not audience.contacts().exists()


def test_it_counts_somebody_at_two_partners_once(audience):
    bo = person("Bo")
    at_gym(bo)
    at_gym(bo, name="Second gym")

    assert audience.contacts().count() == 1


def test_it_needs_a_partner_that_fits_in_both(audience):
    bo = person("Bo")
    at_gym(bo, stage=Stage.DORMANT)
    at_gym(bo, kind=Kind.YOGA_STUDIO)

    assert not audience.contacts().exists()


def test_it_says_why_somebody_cannot_be_written_to(audience):
    from django.utils import timezone

    people = {
        "": person("Yes"),
        SkipReason.NO_EMAIL: person("No address", email=""),
        SkipReason.ARCHIVED: person("Archived", archived_at=timezone.now()),
        SkipReason.UNSUBSCRIBED: person("Unsubscribed"),
        SkipReason.NO_CONSENT: Contact.objects.create(name="Never asked", email="never@example.com"),
        SkipReason.BOUNCED: person("Bounced", email="Gone@Example.com"),
        SkipReason.COMPLAINED: person("Complained"),
        SkipReason.BY_HAND: person("By hand"),
    }
    at_gym(*people.values())
    say(people[SkipReason.UNSUBSCRIBED], ConsentEvent.State.WITHDRAWN)
    for reason in (SkipReason.BOUNCED, SkipReason.COMPLAINED, SkipReason.BY_HAND):
        Suppression.objects.create(email_hash=address_hash(people[reason].email), reason=reason)

    assert skips(audience) == {contact.name: reason for reason, contact in people.items()}


def test_it_follows_the_latest_word(audience):
    bo = person("Bo")
    at_gym(bo)
    say(bo, ConsentEvent.State.WITHDRAWN)
    say(bo, ConsentEvent.State.GRANTED)

    assert skips(audience) == {"Bo": ""}


def test_it_keeps_partner_letters_and_news_apart(audience):
    at_gym(person("Bo"))

    assert skips(audience, Purpose.NEWS) == {"Bo": SkipReason.NO_CONSENT}


def test_it_takes_everybodys_implied_consent(audience):
    contact = Contact.objects.create(name="Bo", email="bo@example.com")
    at_gym(contact)
    say(contact, ConsentEvent.State.IMPLIED)

    assert skips(audience) == {"Bo": ""}


def test_it_has_a_reason_for_every_suppression():
    assert set(Suppression.Reason.values) <= set(SkipReason.values)


def test_it_is_counted_in_one_query(audience):
    at_gym(*(person(f"P{n}") for n in range(20)))

    with CaptureQueriesContext(
        connection,
    ) as queries:
        tally = audience.tally(purpose=Purpose.PARTNER)
    assert len(queries) == 1
    assert tally.everybody == tally.writable == 20


def test_it_says_who_in_a_sentence(audience):
    no, gone, never = person("No"), person("Gone"), Contact.objects.create(name="Never", email="n@example.com")
    at_gym(person("A"), person("B"), no, gone, never)
    for contact in (no, gone):
        say(contact, ConsentEvent.State.WITHDRAWN)

    assert str(audience.tally(purpose=Purpose.PARTNER)) == (
        "5 contacts, 3 of them can't be written to: 2 unsubscribed, 1 without consent."
    )


def test_it_says_that_everybody_can_be_written_to(audience):
    at_gym(person("A"))

    assert str(audience.tally(purpose=Purpose.PARTNER)) == "1 contact, who can be written to."


def test_it_says_that_nobody_is_in_it(audience):
    assert str(audience.tally(purpose=Purpose.PARTNER)) == "Nobody is in this audience at the moment."
