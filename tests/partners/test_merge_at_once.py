"""Two people at once: one merges while another logs, or merges the same two the other way round."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from partners import actions
from partners.models import Merge, Partner, Touch

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pair() -> tuple[Partner, Partner]:
    return Partner.objects.create(name="Ironworks Gym"), Partner.objects.create(name="Iron Works Gym")


def in_thread(work):
    def run():
        try:
            return work()
        finally:
            connection.close()

    return run


def test_it_sends_a_touch_that_comes_in_the_middle_to_the_one_that_stays(pair):
    kept, gone = pair
    is_merged, is_logging = Event(), Event()

    def log() -> Touch:
        is_merged.wait(5)
        is_logging.set()
        return actions.log_touch(gone, kind=Touch.TouchKind.CALL, by=None)

    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            actions.merge(gone, into=kept, choices={}, by=None)
            logged = pool.submit(in_thread(log))
            is_merged.set()
            is_logging.wait(5)
            with pytest.raises(TimeoutError):  # it waits until the merge is done
                logged.result(timeout=0.3)
        touch = logged.result(timeout=5)

    assert Touch.objects.get(pk=touch.pk).partner == kept


def test_it_merges_two_once_whichever_way_round(pair):
    first, second = pair

    def merge(gone, into):
        def work() -> bool:
            try:
                actions.merge(gone, into=into, choices={}, by=None)
            except actions.AlreadyMerged:
                return False
            return True

        return in_thread(work)

    with ThreadPoolExecutor() as pool:
        done = [pool.submit(work) for work in (merge(first, second), merge(second, first))]

    assert sorted(each.result() for each in done) == [False, True]
    assert Merge.objects.count() == 1
    assert Partner.objects.current().count() == 1


def test_it_takes_a_merge_back_once(pair):
    kept, gone = pair
    done = actions.merge(gone, into=kept, choices={}, by=None)

    def unmerge() -> bool:
        try:
            actions.unmerge(Merge.objects.get(pk=done.pk), by=None)
        except actions.AlreadyUnmerged:
            return False
        return True

    with ThreadPoolExecutor() as pool:
        undone = [pool.submit(in_thread(unmerge)) for _ in range(2)]

    assert sorted(each.result() for each in undone) == [False, True]
