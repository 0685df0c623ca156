"""The list of pairs, the page that makes two one, the way back, and who was editing meanwhile."""

from __future__ import annotations

import pytest
from django.urls import reverse

from partners import actions, duplicates
from partners.models import Merge, NotTwins, Partner, Touch

pytestmark = pytest.mark.django_db

EDIT = {"name": "Ironworks", "kind": "gym", "stage": "identified", "city": "Typed city", "phone": "613 555 0199"}


@pytest.fixture
def pair(owner) -> tuple[Partner, Partner]:
    first = Partner.objects.create(name="Ironworks Gym", city="Ottawa", phone="+1 613-555-0101")
    second = Partner.objects.create(name="Iron Works Gym", city="Ottawa", phone="613 555 0101", email="hi@iw.example")
    actions.log_touch(first, kind=Touch.TouchKind.VISIT, by=owner)
    return first, second


def merge_url(pair) -> str:
    return reverse("merge_partners", args=[partner.pk for partner in pair])


def test_it_lists_who_may_be_the_same(at_desk, pair):
    Partner.objects.create(name="Ironworks Gym", city="Gatineau")

    page = at_desk.get(reverse("same_partners")).content.decode()

    assert "Same name but for a few letters and phone." in page
    assert page.count("Compare and merge</a>") == 1


def test_it_remembers_that_two_are_two_and_takes_it_back(at_desk, pair):
    both = {"first": pair[1].pk, "second": pair[0].pk}

    page = at_desk.post(reverse("not_the_same"), both, follow=True).content.decode()
    assert "Ironworks Gym and Iron Works Gym are two." in page
    assert NotTwins.objects.get().first == pair[0]
    assert duplicates.pairs() == []

    at_desk.post(reverse("same_after_all"), both)
    assert len(duplicates.pairs()) == 1


def test_it_finds_pairs_in_few_queries(pair, practice, django_assert_max_num_queries):
    Partner.objects.bulk_create(Partner(name=f"{letter}{letter} Studio {n}") for n in range(60) for letter in "abcdef")

    with django_assert_max_num_queries(4):
        assert [found.shares for found in duplicates.pairs()] == [(duplicates.NEARLY, "phone")]


def test_it_counts_pairs_in_the_menu(at_desk, pair):
    duplicates.look()

    assert "Two of the same (1)" in at_desk.get(reverse("partners:index")).content.decode()


def test_it_points_to_the_other_one_on_its_page(at_desk, pair):
    duplicates.look()

    page = at_desk.get(pair[0].get_absolute_url()).content.decode()
    assert "In the book twice?" in page
    assert merge_url(pair) in page


def test_it_shows_both_side_by_side_with_the_sensible_chosen(at_desk, pair, django_assert_max_num_queries):
    at_desk.get(merge_url(pair))
    with django_assert_max_num_queries(20):
        page = at_desk.get(merge_url(pair)).content.decode()

    assert "Merge into Ironworks Gym</button>" in page  # the one with more history stays
    assert '<input type="radio" name="email" value="gone" checked>' in page
    assert '<input type="radio" name="phone" value="kept" checked>' in page
    assert "Nothing hangs on Iron Works Gym yet." in page
    assert "1 touch</li>" in at_desk.get(merge_url(pair), {"keep": pair[1].pk}).content.decode()


def test_it_merges_and_takes_it_back(at_desk, pair):
    first = pair[0]
    page = at_desk.post(merge_url(pair), {"keep": first.pk, "email": "gone", "name": "gone"}, follow=True)
    assert "is merged into Iron Works Gym, with everything." in page.content.decode()
    first.refresh_from_db()
    assert (first.name, first.email) == ("Iron Works Gym", "hi@iw.example")

    done = Merge.objects.get()
    assert reverse("unmerge", args=[done.pk]) in at_desk.get(reverse("merges")).content.decode()
    Partner.objects.filter(pk=first.pk).update(email="new@iw.example")
    page = at_desk.post(reverse("unmerge", args=[done.pk]), follow=True).content.decode()
    assert "Changed since and left as it is on" in page
    assert Partner.objects.current().count() == 2
    again = at_desk.post(reverse("unmerge", args=[done.pk]), follow=True).content.decode()
    assert "has been undone already" in again


def test_it_leads_from_the_old_address_to_the_new(at_desk, client, pair, owner):
    first, second = pair
    actions.merge(second, into=first, choices={}, by=owner)

    assert at_desk.get(second.get_absolute_url()).url == first.get_absolute_url()
    assert at_desk.get(reverse("partners:edit", args=[second.pk])).url == reverse("partners:edit", args=[first.pk])
    assert first.name in client.get(reverse("refer", args=[second.code])).content.decode()


def test_it_says_so_to_who_was_editing_the_one_that_went(at_desk, pair, owner):
    first, second = pair
    actions.merge(second, into=first, choices={}, by=owner)
    before = Partner.objects.values().get(pk=second.pk)

    page = at_desk.post(reverse("partners:edit", args=[second.pk]), EDIT).content.decode()

    assert "was merged into <a" in page
    assert "Typed city" in page
    assert Partner.objects.values().get(pk=second.pk) == before
    assert Partner.objects.get(pk=first.pk).city == "Ottawa"


def test_it_says_so_to_who_was_editing_the_one_that_stays(at_desk, pair, owner):
    """The e-mail came with the merge; whoever typed another meanwhile is told, and nothing else is overwritten."""
    first, second = pair
    url = reverse("partners:edit", args=[first.pk])
    form = at_desk.get(url).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields} | {"email": "typed@iw.example"}
    actions.merge(second, into=first, choices={"email": "gone", "name": "gone"}, by=owner)

    page = at_desk.post(url, typed).content.decode()
    assert "Somebody else changed this to “hi@iw.example” while you were here." in page
    assert "typed@iw.example" in page
    assert Partner.objects.get(pk=first.pk).email == "hi@iw.example"

    at_desk.post(url, {**typed, "email": "hi@iw.example", "city": "Kanata"})
    first.refresh_from_db()
    assert (first.name, first.city) == ("Iron Works Gym", "Kanata")


def test_it_finds_the_other_one_by_half_a_name(at_desk, pair):
    url = reverse("merge_with", args=[pair[0].pk])

    assert merge_url(pair) in at_desk.get(url).content.decode()
    assert merge_url(pair) in at_desk.get(url, {"q": "iron wrks"}).content.decode()


def test_it_answers_nonsense_with_not_found(at_desk, pair):
    assert at_desk.get(reverse("merge_partners", args=[pair[0].pk, 999_999])).status_code == 404
    assert at_desk.post(merge_url(pair), {"keep": "x"}).status_code == 404
    assert at_desk.post(reverse("not_the_same"), {"first": pair[0].pk, "second": "9" * 30}).status_code == 404
    assert at_desk.get(merge_url((pair[0], pair[0]))).status_code == 404


PLACES = ("same_partners", "merges", "merge_partners", "merge_with")


@pytest.mark.parametrize("name", PLACES)
def test_it_is_for_those_who_may_merge(client, viewer, pair, name):
    keys = {"merge_partners": [pair[0].pk, pair[1].pk], "merge_with": [pair[0].pk]}.get(name, [])
    url = reverse(name, args=keys)
    assert "/login/" in client.get(url).url

    client.force_login(viewer)
    assert client.get(url).status_code == 302
    assert client.post(url).status_code in (302, 405)
    assert not Merge.objects.exists()


def test_it_lets_an_assistant_tell_two_apart_but_not_merge(client, assistant, pair):
    client.force_login(assistant)

    page = client.get(reverse("same_partners")).content.decode()
    assert "Not the same" in page
    assert "Compare and merge</a>" not in page
    client.post(merge_url(pair), {"keep": pair[0].pk})
    assert not Merge.objects.exists()


@pytest.mark.parametrize("name", ["not_the_same", "same_after_all", "unmerge"])
def test_it_changes_nothing_on_get(at_desk, name):
    assert at_desk.get(reverse(name, args=[1] if name == "unmerge" else [])).status_code == 405
