import pytest

from crm.mail.models import Suppression, address_hash

pytestmark = pytest.mark.django_db
LIST = "/admin/suppressions/"


def closed(reason=Suppression.Reason.BY_HAND) -> Suppression:
    return Suppression.objects.create(email_hash=address_hash("ada@example.com"), reason=reason)


@pytest.fixture
def acting(client, owner):
    client.force_login(owner)
    return client


def test_it_needs_a_login_and_permission(client, assistant):
    assert "/admin/login/" in client.get(LIST)["Location"]
    client.force_login(assistant)
    assert client.get(LIST)["Location"] == "/admin/"
    assert client.post(f"{LIST}new/", {"address": "x@example.com", "scope": "all"})["Location"] == "/admin/"


def test_it_closes_an_address_by_hand(acting):
    page = acting.post(f"{LIST}new/", {"address": "Ada@Example.com", "scope": "all"}, follow=True)

    row = Suppression.objects.get()
    assert (bytes(row.email_hash), row.reason) == (address_hash("ada@example.com"), Suppression.Reason.BY_HAND)
    assert "The address is closed." in page.text
    assert "ada@example.com" not in page.text.lower()


def test_it_says_when_an_address_is_closed_already(acting):
    closed()
    page = acting.post(f"{LIST}new/", {"address": "ada@example.com", "scope": "letters"})

    assert "This address is already closed in this way." in page.text
    assert Suppression.objects.count() == 1


def test_it_finds_a_whole_address(acting):
    row = closed()

    assert list(acting.get(f"{LIST}?q=ADA@example.com").context["object_list"]) == [row]
    assert not acting.get(f"{LIST}?q=ada").context["object_list"]


def test_it_removes_what_was_added_by_hand(acting):
    acting.post(f"{LIST}delete/{closed().pk}/")

    assert not Suppression.objects.exists()


@pytest.mark.parametrize("reason", [Suppression.Reason.UNSUBSCRIBED, Suppression.Reason.COMPLAINED])
def test_it_never_clears_what_the_reader_asked_for(acting, reason):
    row = closed(reason)

    assert acting.post(f"{LIST}delete/{row.pk}/")["Location"] == "/admin/"
    assert f"{LIST}delete/{row.pk}/" not in acting.get(LIST).text
    assert Suppression.objects.exists()


def test_it_edits_nothing(acting):
    assert acting.get(f"{LIST}edit/{closed().pk}/").status_code == 404
