from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Func, JSONField, Q, QuerySet, TextField, Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.people import composed
from crm.people.composed import AnyOf, NotForEver, ask, prepared, records
from partners.models import Partner, Touch

pytestmark = pytest.mark.django_db


def _of_one(*, now: datetime, key: int) -> QuerySet:
    touches = Touch.objects.filter(partner=key, occurred_at__gt=now - timedelta(days=7)).order_by("occurred_at")
    return touches.values_list("summary")


def _lately(*, now: datetime, key: int) -> QuerySet:
    return Partner.objects.filter(rhythm__ideal_on__lt=timezone.localdate(now)).order_by().values_list("name")


def _for_ever(*, now: datetime, key: int) -> QuerySet:
    return Touch.objects.filter(occurred_at__lt=timezone.now()).values_list("pk")


def _with_words(word: str, *, now: datetime, key: int) -> QuerySet:
    return (
        Partner.objects.filter(pk=key)
        .annotate(said=Value({"word": word}, output_field=JSONField()))
        .values_list("said")
    )


def _touch(partner: Partner, days: int) -> None:
    at = timezone.now() - timedelta(days=days)
    Touch.objects.create(partner=partner, kind=Touch.TouchKind.VISIT, occurred_at=at, summary=f"{days} days ago")


def test_it_asks_anew_about_each_record_and_each_moment(quiet_gym, physician):
    for partner, days in ((quiet_gym, 2), (quiet_gym, 9), (physician, 3)):
        _touch(partner, days)
    now = timezone.now()
    assert ask(_of_one, now=now, key=quiet_gym.pk) == [("2 days ago",)]
    assert ask(_of_one, now=now, key=physician.pk) == [("3 days ago",)]
    assert ask(_of_one, now=now - timedelta(days=4), key=quiet_gym.pk) == [("9 days ago",), ("2 days ago",)]


def test_it_knows_the_day_of_the_moment(quiet_gym):
    _touch(quiet_gym, 1)
    ideal = Partner.objects.values_list("rhythm__ideal_on", flat=True).get(pk=quiet_gym.pk)
    on = timezone.make_aware(datetime.combine(ideal, datetime.min.time()))
    assert ask(_lately, now=on) == []
    assert ask(_lately, now=on + timedelta(days=1)) == [(quiet_gym.name,)]


def test_it_reads_what_a_field_reads(quiet_gym):
    assert ask(_with_words, "hello", now=timezone.now(), key=quiet_gym.pk) == [({"word": "hello"},)]
    assert ask(_with_words, "goodbye", now=timezone.now(), key=quiet_gym.pk) == [({"word": "goodbye"},)]


def test_it_refuses_a_question_that_looks_at_the_clock_itself():
    with pytest.raises(NotForEver, match="_for_ever looks at the clock itself"):
        ask(_for_ever, now=timezone.now())


def test_it_asks_in_one_query(quiet_gym):
    with CaptureQueriesContext(connection) as asked:
        ask(_of_one, now=timezone.now(), key=quiet_gym.pk)
    assert len(asked) == 1
    assert str(composed.KEY) not in asked[0]["sql"]


def _with_partner(*, now: datetime, key: int, since: datetime) -> QuerySet[Touch]:
    found = Touch.objects.filter(occurred_at__gt=since, occurred_at__lt=now).select_related("partner")
    return found.annotate(word=Value("said")).order_by("occurred_at")


def _on(day: date, *, now: datetime, key: int) -> QuerySet:
    return Touch.objects.filter(occurred_at__date=day).values_list("summary")


def test_it_makes_records_of_the_rows_without_asking_more(quiet_gym, django_assert_num_queries):
    _touch(quiet_gym, 2)
    _touch(quiet_gym, 9)
    now = timezone.now()
    with django_assert_num_queries(1):
        [touch] = records(_with_partner, now=now, since=now - timedelta(days=5))
        assert (touch.summary, touch.partner, touch.word) == ("2 days ago", quiet_gym, "said")


def test_it_asks_about_several_moments(quiet_gym):
    _touch(quiet_gym, 2)
    _touch(quiet_gym, 9)
    now = timezone.now()
    long = records(_with_partner, now=now - timedelta(days=5), since=now - timedelta(days=20))
    assert [touch.summary for touch in long] == ["9 days ago"]
    both = records(_with_partner, now=now, since=now - timedelta(days=20))
    assert [touch.summary for touch in both] == ["9 days ago", "2 days ago"]


def test_a_day_of_the_form_stays_as_it_is(quiet_gym):
    _touch(quiet_gym, 2)
    now = timezone.now()
    day = timezone.localdate(now - timedelta(days=2))
    assert ask(_on, day, now=now) == [("2 days ago",)]
    assert ask(_on, day, now=now + timedelta(days=1)) == [("2 days ago",)]
    assert ask(_on, day - timedelta(days=1), now=now) == []


def _named(*, now: datetime, key: int, word: str, any_of: list[str], keys: list[int]) -> QuerySet:
    found = Partner.objects.filter(Q(name=word) | Q(name=AnyOf(any_of, of=TextField)) | Q(pk=AnyOf(keys)))
    return found.order_by("name").values_list("name")


def _names(**given) -> set[str]:
    return {name for (name,) in ask(_named, now=timezone.now(), **given)}


def test_it_asks_about_words_and_about_any_number_of_things(quiet_gym, physician):
    assert _names(word=quiet_gym.name, any_of=[], keys=[]) == {quiet_gym.name}
    assert _names(word="", any_of=[physician.name, quiet_gym.name], keys=[]) == {quiet_gym.name, physician.name}
    assert _names(word="", any_of=["Nobody's"], keys=[physician.pk]) == {physician.name}
    assert _names(word="", any_of=[], keys=[]) == set()


def test_a_word_is_never_part_of_the_question(quiet_gym):
    assert _names(word="' OR 1=1 --", any_of=["%s", '{"a"}'], keys=[]) == set()


def _locked(*, now: datetime, key: int) -> QuerySet[Partner]:
    return Partner.objects.select_for_update(of=("self",)).filter(pk=key).order_by()


def test_it_locks_while_a_transaction_lasts(quiet_gym):
    assert records(_locked, now=timezone.now(), key=quiet_gym.pk) == [quiet_gym]


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_lock_what_would_be_free_again_at_once(quiet_gym):
    with transaction.atomic():
        records(_locked, now=timezone.now(), key=quiet_gym.pk)
    with pytest.raises(transaction.TransactionManagementError):
        records(_locked, now=timezone.now(), key=quiet_gym.pk)


def _kept() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%partners_touch%%summary%%'")
        return cursor.fetchone()[0]


def test_a_connection_prepares_a_question_once_however_large_the_key(quiet_gym):
    before = _kept()
    for key in (1, 70_000, 3_000_000_000):
        ask(_of_one, now=timezone.now(), key=key)
    assert _kept() == max(before, 1)


def _behind_a_pooler(*, now: datetime, key: int) -> QuerySet:
    return Touch.objects.filter(partner=key).order_by("-occurred_at").values_list("summary")


def test_it_prepares_nothing_behind_a_pooler(quiet_gym, monkeypatch):
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    before = _kept()
    assert ask(_behind_a_pooler, now=timezone.now(), key=quiet_gym.pk) == [("Free clinic",)]
    assert _kept() == before


def test_a_question_is_in_the_log_each_time(quiet_gym):
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            ask(_of_one, now=timezone.now(), key=quiet_gym.pk)
        assert "partners_touch" in asked[0]["sql"]


def test_it_refuses_to_make_records_of_values(quiet_gym):
    with pytest.raises(TypeError, match="asks for values"):
        records(_of_one, now=timezone.now(), key=quiet_gym.pk)


@pytest.mark.django_db(transaction=True)
def test_it_goes_on_with_a_new_connection(quiet_gym):
    _touch(quiet_gym, 2)
    before = prepared()
    assert prepared() is before
    connection.close()
    assert ask(_of_one, now=timezone.now(), key=quiet_gym.pk) == [("2 days ago",)]
    assert prepared() is not before


@pytest.mark.django_db(transaction=True)
def test_it_asks_again_where_the_connection_was_cut(quiet_gym):
    _touch(quiet_gym, 2)
    prepared()
    _cut(connection.connection.info.backend_pid)
    assert ask(_of_one, now=timezone.now(), key=quiet_gym.pk) == [("2 days ago",)]
    assert ask(_of_one, now=timezone.now(), key=quiet_gym.pk) == [("2 days ago",)]


@pytest.mark.django_db(transaction=True)
def test_it_does_not_ask_again_within_a_transaction(quiet_gym):
    def ask_twice() -> None:
        with transaction.atomic():
            ask(_of_one, now=timezone.now(), key=quiet_gym.pk)
            _cut(connection.connection.info.backend_pid)
            ask(_of_one, now=timezone.now(), key=quiet_gym.pk)

    with pytest.raises(OperationalError):
        ask_twice()


@pytest.mark.django_db(transaction=True)
def test_it_does_not_ask_again_what_failed_for_its_own_sake(quiet_gym):
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '20ms'")
    with pytest.raises(OperationalError, match="timeout"):
        ask(_slowly, now=timezone.now(), key=quiet_gym.pk)
    connection.close()


def _slowly(*, now: datetime, key: int) -> QuerySet:
    slept = Func(Value(0.2), function="pg_sleep", output_field=TextField())
    return Partner.objects.filter(pk=key).annotate(slept=slept).values_list("slept")


def _cut(pid: int) -> None:
    """As a restart of PostgreSQL does."""

    def cut() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(cut).result()
