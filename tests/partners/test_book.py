"""Names kept in memory are never old ones, and looking one up costs next to nothing."""

import pytest
from django.db import connection
from django.utils import timezone

from partners import book
from partners.models import Kind, Partner

pytestmark = pytest.mark.django_db


def test_it_asks_for_the_names_only_when_one_changed(quiet_gym, django_assert_num_queries):
    first = book.opened()
    with django_assert_num_queries(1):
        assert book.opened() is first

    Partner.objects.filter(pk=quiet_gym.pk).update(stage="champion")
    with django_assert_num_queries(1):
        assert book.opened() is first


@pytest.mark.parametrize("change", [{"name": "Steelworks Gym"}, {"city": "Gatineau"}, {"archived_at": timezone.now()}])
def test_it_sees_what_another_process_changed(quiet_gym, change):
    first = book.opened()
    with connection.cursor() as cursor:  # as if somebody else had written it
        column, value = next(iter(change.items()))
        cursor.execute(f"UPDATE partners_partner SET {column} = %s WHERE id = %s", [value, quiet_gym.pk])  # noqa: S608

    assert book.opened() is not first
    assert bool(book.opened().closest("ironworks", limit=3)) is (change.keys() == {"city"})


def test_it_sees_a_swap_of_two_names(quiet_gym, physician):
    first = book.opened()
    Partner.objects.filter(pk=quiet_gym.pk).update(name=physician.name)
    Partner.objects.filter(pk=physician.pk).update(name=quiet_gym.name)

    assert book.opened() is not first


def test_it_finds_an_archived_partner_only_when_asked(quiet_gym):
    Partner.objects.update(archived_at=timezone.now())

    assert list(Partner.objects.matching("irnworks")) == [quiet_gym]
    assert not Partner.objects.current().matching("irnworks")


def test_it_finds_the_few_that_a_filter_leaves(db):
    Partner.objects.bulk_create(Partner(name=f"Iron Gym {n}", code=f"G{n}") for n in range(300))
    studio = Partner.objects.create(name="Zen and Iron Gym", kind=Kind.YOGA_STUDIO)

    assert list(Partner.objects.filter(kind=Kind.YOGA_STUDIO).matching("iron gym", limit=3)) == [studio]


def test_it_suggests_in_five_queries(at_desk, quiet_gym, physician, django_assert_max_num_queries):
    at_desk.get("/admin/log/suggest/", {"q": "irnworks"})
    with django_assert_max_num_queries(5):
        assert "Ironworks Gym" in at_desk.get("/admin/log/suggest/", {"q": "irnworks"}).content.decode()
