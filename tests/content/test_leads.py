import pytest

from content.actions import receive_lead
from content.models import HomePage, Lead
from partners.actions import complete

pytestmark = pytest.mark.django_db
URL = "/admin/leads/"


@pytest.fixture
def lead(practice) -> Lead:
    return receive_lead(HomePage.objects.get(), name="Jo Park", email="jo@example.com", message="Run again.")


def test_it_needs_login(client):
    assert client.get(URL)["Location"].startswith("/admin/login/")


def test_it_needs_permission(client, viewer):
    viewer.groups.get().permissions.remove(*viewer.groups.get().permissions.filter(codename="view_lead"))
    client.force_login(viewer)

    assert client.get(URL).status_code == 302


def test_it_lists_who_wrote(client, viewer, lead):
    client.force_login(viewer)

    page = client.get(URL).content.decode()

    assert "Jo Park" in page
    assert "To answer" in page


def test_it_finds_by_what_was_written(client, owner, lead):
    client.force_login(owner)

    assert "Jo Park" in client.get(f"{URL}?q=jo%40example").content.decode()
    assert "Jo Park" not in client.get(f"{URL}?q=nobody").content.decode()


def test_it_follows_the_to_do(client, owner, lead):
    client.force_login(owner)
    complete(lead.follow_up, by=owner)

    assert "Jo Park" in client.get(f"{URL}?state=answered").content.decode()
    assert "Jo Park" not in client.get(f"{URL}?state=to_answer").content.decode()


def test_it_shows_one_lead_with_its_contact(client, owner, lead):
    client.force_login(owner)

    page = client.get(f"{URL}inspect/{lead.pk}/").content.decode()

    assert "Run again." in page
    assert f"/admin/contacts/edit/{lead.contact_id}/" in page


@pytest.mark.parametrize("path", ["new/", "edit/{}/", "delete/{}/"])
def test_it_offers_no_way_to_change_what_was_said(client, owner, lead, path):
    client.force_login(owner)

    assert client.get(URL + path.format(lead.pk)).status_code == 404


def test_it_costs_the_same_for_many(client, owner, practice, django_assert_max_num_queries):
    client.force_login(owner)
    home = HomePage.objects.get()

    def count() -> int:
        with django_assert_max_num_queries(60) as queries:
            client.get(URL)
        return len(queries)

    for number in range(3):
        receive_lead(home, name=f"Person {number}", email=f"person{number}@example.com")
    client.get(URL)
    few = count()
    for number in range(3, 50):
        receive_lead(home, name=f"Person {number}", email=f"person{number}@example.com")

    assert count() == few
