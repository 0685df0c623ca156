"""The list of contacts that may be one person, the page that makes them one, the way back, and who was editing meanwhile."""

from __future__ import annotations

import pytest
from django.urls import reverse

from crm.people.actions import record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from partners import actions, same_people
from partners.models import ContactMerge, NotOnePerson, Partner, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> tuple[Contact, Contact]:
    first = Contact.objects.create(name="Ada Okafor", email="ada@okafor.example", phone="+1 613-555-0101")
    second = Contact.objects.create(name="Dr. Ada Okafor", email="ada@mail.example", phone="613 555 0101")
    Role.objects.create(partner=Partner.objects.create(name="Okafor Family Medicine"), contact=first, title="Physician")
    return first, second


def merge_url(pair) -> str:
    return reverse("merge_people", args=[contact.pk for contact in pair])


def test_it_lists_who_may_be_one_person(at_desk, pair):
    Contact.objects.create(name="Bo Li", email="bo@example.com", phone="613 555 0101")  # shares a front desk

    page = at_desk.get(reverse("same_people")).content.decode()

    assert "Same name and phone." in page
    assert page.count("Compare and merge</a>") == 1


@pytest.mark.parametrize(
    ("one", "other", "shares"),
    [
        (("Sam Reyes", "a@x.example", ""), ("sam  reyes", "b@x.example", ""), ("name",)),
        (("Sam", "a@x.example", ""), ("Sam", "b@x.example", ""), None),  # half a name proves nothing
        (("Sam", "", ""), ("Sam", "b@x.example", ""), ("name",)),  # added by hand without an address
        (("Sam", "a@x.example", "613 555 0101"), ("Sam Reyes", "b@x.example", "+16135550101"), ("phone",)),
        (("Sam Li", "a@x.example", "613 555 0101"), ("Ada Li", "b@x.example", "613 555 0101"), None),
        (("Dr Zoë Élan", "a@x.example", ""), ("Zoë Élan, MD", "b@x.example", ""), ("name",)),
    ],
)
def test_it_knows_one_person_by_name_and_number(practice, one, other, shares):
    for name, email, phone in (one, other):
        Contact.objects.create(name=name, email=email, phone=phone)

    found = [pair.shares for pair in same_people.pairs_of_people("CA")]

    assert found == ([shares] if shares else [])


def test_it_finds_them_in_two_queries_however_many(pair, practice, django_assert_num_queries):
    Contact.objects.bulk_create(Contact(name=f"Sam Nr{n}", email=f"s{n}@x.example") for n in range(300))

    with django_assert_num_queries(2):
        assert len(same_people.pairs_of_people("CA")) == 1


def test_it_remembers_that_two_are_two_and_takes_it_back(at_desk, pair):
    both = {"first": pair[1].pk, "second": pair[0].pk}

    page = at_desk.post(reverse("not_one_person"), both, follow=True).content.decode()
    assert "Ada Okafor (ada@okafor.example) and Dr. Ada Okafor (ada@mail.example) are two." in page
    assert NotOnePerson.objects.get().first == pair[0]
    assert same_people.pairs_of_people("CA") == []

    at_desk.post(reverse("one_person_after_all"), both)
    assert len(same_people.pairs_of_people("CA")) == 1


def test_it_shows_both_side_by_side_with_the_sensible_chosen(at_desk, pair, django_assert_max_num_queries):
    record_consent(pair[1], purpose=Purpose.NEWS, state=ConsentEvent.State.WITHDRAWN, source="by phone")
    at_desk.get(merge_url(pair), {"keep": pair[0].pk})
    with django_assert_max_num_queries(20):
        page = at_desk.get(merge_url(pair), {"keep": pair[0].pk}).content.decode()

    assert "Merge into Ada Okafor</button>" in page
    assert '<input type="radio" name="name" value="gone" checked>' in page
    assert '<input type="radio" name="email" value="kept" checked>' in page
    assert "1 line about what they agreed to</li>" in page
    assert "One of them said no to news, workshops and offers. That holds for both addresses." in page


def test_it_merges_and_takes_it_back(at_desk, pair):
    first, second = pair
    page = at_desk.post(merge_url(pair), {"keep": first.pk, "name": "gone"}, follow=True).content.decode()
    assert (
        "Dr. Ada Okafor (ada@mail.example) is merged into Dr. Ada Okafor (ada@okafor.example), with everything." in page
    )

    done = ContactMerge.objects.get()
    assert reverse("unmerge_people", args=[done.pk]) in at_desk.get(reverse("people_merges")).content.decode()
    Contact.objects.filter(pk=first.pk).update(name="Ada O.")
    page = at_desk.post(reverse("unmerge_people", args=[done.pk]), follow=True).content.decode()
    assert "are two again. Changed since and left as it is on Ada O.: name." in page
    assert Contact.objects.active().count() == 2
    again = at_desk.post(reverse("unmerge_people", args=[done.pk]), follow=True).content.decode()
    assert "has been undone already" in again
    assert second.email in at_desk.get(reverse("contacts:index")).content.decode()


def test_it_says_so_when_somebody_was_faster(at_desk, pair, owner):
    actions.merge_contacts(pair[1], into=pair[0], choices={}, by=owner)

    page = at_desk.post(merge_url(pair), {"keep": pair[0].pk}, follow=True).content.decode()

    assert "One of the two was merged in the meantime." in page
    assert "One of the two has been merged already." in page


def test_it_leads_from_the_old_page_to_the_new(at_desk, pair, owner):
    first, second = pair
    actions.merge_contacts(second, into=first, choices={}, by=owner)

    page = at_desk.get(reverse("contacts:edit", args=[second.pk]))
    assert page.url == reverse("contacts:edit", args=[first.pk])
    assert "was merged into" in at_desk.get(page.url).content.decode()
    assert second.email not in at_desk.get(reverse("contacts:index")).content.decode()


def test_it_keeps_what_was_typed_into_the_one_who_went(at_desk, pair, owner):
    first, second = pair
    actions.merge_contacts(second, into=first, choices={}, by=owner)
    before = list(Contact.objects.values())
    typed = {"name": "Ada Typed", "email": second.email, "phone": "", "time_zone": ""}

    page = at_desk.post(reverse("contacts:edit", args=[second.pk]), typed)

    assert page.status_code == 422
    assert "in the meantime. Nothing is saved" in page.content.decode()
    assert "Ada Typed" in page.content.decode()
    assert list(Contact.objects.values()) == before


def test_it_finds_the_other_one_by_name_address_or_number(at_desk, pair):
    url = reverse("merge_person_with", args=[pair[0].pk])

    for typed in ({}, {"q": "dr ada"}, {"q": "mail.example"}, {"q": "613 555"}):
        assert merge_url(pair) in at_desk.get(url, typed).content.decode()
    assert "Try half of it." in at_desk.get(url, {"q": "nobody"}).content.decode()


def test_it_is_reached_from_the_contact_and_from_the_list(at_desk, pair):
    assert (
        reverse("merge_person_with", args=[pair[0].pk])
        in at_desk.get(reverse("contacts:edit", args=[pair[0].pk])).content.decode()
    )
    assert reverse("same_people") in at_desk.get(reverse("contacts:index")).content.decode()
    assert reverse("same_people") in at_desk.get(reverse("same_partners")).content.decode()


def test_it_answers_nonsense_with_not_found(at_desk, pair):
    assert at_desk.get(reverse("merge_people", args=[pair[0].pk, 999_999])).status_code == 404
    assert at_desk.post(merge_url(pair), {"keep": "x"}).status_code == 404
    assert at_desk.post(reverse("not_one_person"), {"first": pair[0].pk, "second": "9" * 30}).status_code == 404
    assert at_desk.get(merge_url((pair[0], pair[0]))).status_code == 404


@pytest.mark.parametrize("name", ["same_people", "people_merges", "merge_people", "merge_person_with"])
def test_it_is_for_those_who_may_merge(client, viewer, pair, name):
    keys = {"merge_people": [pair[0].pk, pair[1].pk], "merge_person_with": [pair[0].pk]}.get(name, [])
    url = reverse(name, args=keys)
    assert "/login/" in client.get(url).url

    client.force_login(viewer)
    assert client.get(url).status_code == 302
    assert client.post(url).status_code in (302, 405)
    assert not ContactMerge.objects.exists()


def test_it_lets_an_assistant_tell_two_apart_but_not_merge(client, assistant, pair):
    client.force_login(assistant)

    page = client.get(reverse("same_people")).content.decode()
    assert "Not the same" in page
    assert "Compare and merge</a>" not in page
    client.post(merge_url(pair), {"keep": pair[0].pk})
    assert not ContactMerge.objects.exists()


@pytest.mark.parametrize("name", ["not_one_person", "one_person_after_all", "unmerge_people"])
def test_it_changes_nothing_on_get(at_desk, name):
    assert at_desk.get(reverse(name, args=[1] if name == "unmerge_people" else [])).status_code == 405
