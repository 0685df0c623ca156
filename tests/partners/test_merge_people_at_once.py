"""Two people at once: one merges two contacts while another writes to one of them, or merges them the other way round."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import transaction

from crm.mail.actions import unsubscribe_contact
from crm.people.actions import find_or_create_contact, may_write, record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from partners import actions
from partners.models import ContactMerge
from tests.partners.test_merge_at_once import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pair() -> tuple[Contact, Contact]:
    return (
        Contact.objects.create(name="Sam Reyes", email="sam@ironworks.example"),
        Contact.objects.create(name="Sam Reyes", email="sam@mail.example"),
    )


@pytest.mark.parametrize(
    "work",
    [
        lambda gone: find_or_create_contact("sam@mail.example"),
        lambda gone: actions.follow_up(contact=gone, title="Call", due_on="2026-12-01").contact_id,
        lambda gone: unsubscribe_contact(gone, source="by phone", evidence="They called."),
    ],
    ids=["found by address", "to do", "unsubscribed"],
)
def test_it_waits_for_a_merge_and_then_leads_to_the_one_who_stays(pair, work):
    kept, gone = pair
    record_consent(gone, purpose=Purpose.NEWS, state=ConsentEvent.State.GRANTED, source="test")
    is_merged, is_working = Event(), Event()

    def later():
        is_merged.wait(5)
        is_working.set()
        return work(gone)

    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            actions.merge_contacts(gone, into=kept, choices={}, by=None)
            done = pool.submit(in_thread(later))
            is_merged.set()
            is_working.wait(5)
            with pytest.raises(TimeoutError):  # it waits until the merge is done
                done.result(timeout=0.2)
        done.result(timeout=5)

    assert not gone.follow_ups.exists()
    assert not gone.consents.exists()
    assert find_or_create_contact(gone.email) == kept
    assert may_write(kept, purpose=Purpose.NEWS) == (kept.consents.count() == 1)


def test_it_merges_two_once_whichever_way_round(pair):
    first, second = pair

    def merge(gone, into):
        def work() -> bool:
            try:
                actions.merge_contacts(gone, into=into, choices={}, by=None)
            except actions.AlreadyMerged:
                return False
            return True

        return in_thread(work)

    with ThreadPoolExecutor() as pool:
        done = [pool.submit(work) for work in (merge(first, second), merge(second, first))]

    assert sorted(each.result() for each in done) == [False, True]
    assert Contact.objects.active().count() == 1


def test_it_takes_a_merge_back_once(pair):
    kept, gone = pair
    done = actions.merge_contacts(gone, into=kept, choices={}, by=None)

    def unmerge() -> bool:
        try:
            actions.unmerge_contacts(ContactMerge.objects.get(pk=done.pk), by=None)
        except actions.AlreadyUnmerged:
            return False
        return True

    with ThreadPoolExecutor() as pool:
        undone = [pool.submit(in_thread(unmerge)) for _ in range(2)]

    assert sorted(each.result() for each in undone) == [False, True]
