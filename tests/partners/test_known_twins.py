"""The worker finds who looks alike; pages read what it found, and what was merged or told apart since is left out."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.people.models import PracticeProfile
from partners import duplicates
from partners.models import Lookalikes, NotTwins, Partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(practice) -> list[Partner]:
    return [Partner.objects.create(name=name, phone="613-555-0123") for name in ("Ironworks Gym", "Ironworks Gym")]


@pytest.fixture
def no_comparing(monkeypatch):
    """Fail where a page would compare all partners with one another."""

    def compare(ours):
        raise AssertionError("compared")

    monkeypatch.setattr(duplicates, "_candidates", compare)


def _keys(found) -> list[tuple[int, int]]:
    return [(pair.first, pair.second) for pair in found]


def test_a_page_compares_nobody(two, at_desk, no_comparing):
    duplicates.forget()

    page = at_desk.get(reverse("partners:index")).content.decode()
    assert "Two of the same" in page
    assert "Two of the same (" not in page


def test_it_looks_only_where_something_changed(two):
    duplicates.look()
    found_at = Lookalikes.objects.get().found_at

    duplicates.look()
    assert Lookalikes.objects.get().found_at == found_at

    Partner.objects.create(name="Ironworks Gym", phone="613-555-0123")
    duplicates.look()
    assert len(duplicates.known_pairs()) == 3

    PracticeProfile.objects.update(country="US")
    duplicates.look()
    assert Lookalikes.objects.get().edition.startswith("US ")


def test_the_page_is_right_before_the_worker_looked(two, at_desk):
    duplicates.look()
    Partner.objects.filter(pk=two[1].pk).update(name="Yoga on Main", phone="")

    assert "Compare and merge</a>" not in at_desk.get(reverse("same_partners")).content.decode()

    Partner.objects.create(name="Yoga on Main")
    assert "Compare and merge</a>" in at_desk.get(reverse("same_partners")).content.decode()


def test_the_page_reads_what_the_worker_found(two, at_desk, no_comparing):
    Lookalikes.objects.create(edition=duplicates._edition(), pairs=[[two[0].pk, two[1].pk, ["name", "phone"]]])

    page = at_desk.get(reverse("same_partners")).content.decode()
    assert "Same name and phone." in page

    NotTwins.objects.create(first=two[0], second=two[1])
    assert "Compare and merge</a>" not in at_desk.get(reverse("same_partners")).content.decode()


def test_it_leaves_out_who_was_told_apart_or_is_gone(two):
    duplicates.look()
    assert _keys(duplicates.known_pairs()) == [(two[0].pk, two[1].pk)]

    apart = NotTwins.objects.create(first=two[0], second=two[1])
    duplicates.forget()
    assert duplicates.known_pairs() == []

    apart.delete()
    duplicates.forget()
    assert _keys(duplicates.known_pairs()) == [(two[0].pk, two[1].pk)]

    Partner.objects.filter(pk=two[1].pk).update(archived_at=timezone.now())
    duplicates.forget()
    assert duplicates.known_pairs() == []
