from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from crm.people import guard
from crm.people.guard import GuardedForm, new_stamp

pytestmark = pytest.mark.django_db


def stamp_from(**ago) -> str:
    with time_machine.travel(timezone.now() - timedelta(**ago)):
        return new_stamp()


def answer(rf, stamp, **data):
    request = rf.post("/", REMOTE_ADDR="203.0.113.9")
    return GuardedForm({"shown_at": stamp, **data}, request=request)


def test_it_lets_a_person_through(rf):
    assert answer(rf, stamp_from(seconds=20)).is_valid()


def test_it_stops_what_answers_too_fast(rf):
    form = answer(rf, new_stamp())

    assert form.non_field_errors() == [guard.TOO_FAST]


@pytest.mark.parametrize("stamp", ["", "shown:never:signed"])
def test_it_stops_a_stamp_that_is_not_ours(rf, stamp):
    assert answer(rf, stamp).non_field_errors() == [guard.TOO_OLD]


def test_it_asks_again_after_hours(rf):
    assert answer(rf, stamp_from(hours=5)).non_field_errors() == [guard.TOO_OLD]


def test_it_keeps_a_stamp_that_is_good_and_renews_one_that_is_not(rf):
    good, old = stamp_from(seconds=1), stamp_from(hours=5)

    assert answer(rf, good).stamp == good
    assert answer(rf, old).stamp != old


def test_it_notices_who_fell_into_the_trap(rf):
    assert answer(rf, stamp_from(seconds=20), website="https://spam.example").is_trapped
    assert not answer(rf, stamp_from(seconds=20)).is_trapped


def test_it_stops_a_network_that_floods(rf):
    stamp = stamp_from(seconds=20)

    verdicts = [answer(rf, stamp).is_valid() for _ in range(guard.PER_NETWORK + 1)]

    assert verdicts == [True] * guard.PER_NETWORK + [False]


def test_it_lets_the_network_back_in_after_ten_minutes(rf):
    for _ in range(guard.PER_NETWORK + 1):
        answer(rf, stamp_from(seconds=20)).is_valid()

    with time_machine.travel(timezone.now() + timedelta(minutes=9)):
        assert not answer(rf, stamp_from(seconds=20)).is_valid()
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert answer(rf, stamp_from(seconds=20)).is_valid()


def test_it_counts_in_one_query(rf, django_assert_num_queries):
    form = answer(rf, stamp_from(seconds=20))

    with django_assert_num_queries(1):
        form.is_valid()


def test_it_forgets_what_it_counted(rf):
    answer(rf, stamp_from(seconds=20)).is_valid()
    assert guard.forget_old_tallies() == 0

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert guard.forget_old_tallies() == 1


@pytest.mark.django_db(transaction=True)
def test_it_counts_everybody_who_comes_at_once(rf):
    form = rf.post("/", REMOTE_ADDR="203.0.113.9")

    def one(_number: int) -> bool:
        try:
            return guard.is_flooding(form, email="")
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        verdicts = list(pool.map(one, range(guard.PER_NETWORK + 7)))

    assert verdicts.count(True) == 7


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.9", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("127.0.0.1", ""), ("", "")],
)
def test_it_counts_networks_not_people(address, network):
    assert guard.network_of(address) == network


def test_it_believes_the_proxy_on_https_and_nobody_before_it(rf, settings):
    settings.IS_HTTPS = True

    request = rf.post("/", REMOTE_ADDR="10.0.0.2", headers={"x-forwarded-for": "192.0.2.1, 203.0.113.9"})

    assert guard.source_of(request) == "203.0.113.9"


def test_it_believes_no_such_line_where_there_is_no_proxy(rf):
    request = rf.post("/", REMOTE_ADDR="198.51.100.4", headers={"x-forwarded-for": "203.0.113.9"})

    assert guard.source_of(request) == "198.51.100.4"
