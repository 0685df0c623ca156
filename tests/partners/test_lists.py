"""The lists of the partners' office: who may see them, what they find, and what they cost."""

from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from crm.people.models import Contact
from partners.actions import archive, follow_up, take_back
from partners.models import Kind, Partner, Referral, Role, Stage, Touch

pytestmark = pytest.mark.django_db

LISTS = ("partners", "todos", "referrals", "touches", "contacts")
SHOWN = {
    "partners": "Ironworks Gym",
    "todos": "Call Sam",
    "referrals": "Okafor Family Medicine",
    "touches": "Free clinic",
    "contacts": "Dr. Ada Okafor",
}


def index(name: str) -> str:
    return reverse(f"{name}:index")


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def a_book(physician, quiet_gym, owner):
    follow_up(partner=quiet_gym, title="Call Sam", due_on=timezone.localdate() - timedelta(days=2), by=owner)


@pytest.mark.parametrize("name", LISTS)
def test_it_needs_a_login(client, name):
    assert client.get(index(name)).url.startswith("/admin/login/")


@pytest.mark.parametrize("name", LISTS)
def test_it_shows_a_viewer_the_list(client, viewer, a_book, name):
    client.force_login(viewer)

    assert SHOWN[name] in text(client.get(index(name)))


@pytest.mark.parametrize("name", LISTS)
def test_it_needs_permission(client, viewer, name):
    viewer.groups.get().permissions.set(viewer.groups.get().permissions.filter(content_type__app_label="wagtailadmin"))
    client.force_login(viewer)

    assert client.get(index(name)).url == reverse("wagtailadmin_home")


@pytest.mark.parametrize("name", LISTS)
def test_it_offers_no_way_to_delete(at_desk, a_book, name):
    assert "/delete/" not in text(at_desk.get(index(name)))
    assert at_desk.get(f"{index(name)}delete/1/").status_code == 404


def test_it_finds_a_misspelt_partner(at_desk, physician, quiet_gym):
    found = text(at_desk.get(index("partners"), {"q": "irnworks"}))

    assert "Ironworks Gym" in found
    assert "Okafor" not in found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": ["gym"]}, ["Ironworks Gym"]),
        ({"stage": ["active", "champion"]}, ["Ironworks Gym", "Okafor Family Medicine"]),
        ({"stage": ["champion"]}, []),
        ({"view": "quiet"}, ["Ironworks Gym"]),
        ({"group": ["dpc"]}, ["Okafor Family Medicine"]),
        ({"group": ["fitness", "dpc"], "tier": ["b"]}, ["Ironworks Gym", "Okafor Family Medicine"]),
        ({"tier": ["a"]}, []),
        ({"activity": ["active"]}, ["Okafor Family Medicine"]),
        ({"activity": ["lead"]}, ["Ironworks Gym"]),
        ({"kind": ["nonsense"]}, []),
        ({"view": "nonsense"}, []),
        ({"city": "Ottawa"}, ["Okafor Family Medicine"]),
        ({"ordering": "-rhythm__last_touch_at"}, ["Ironworks Gym", "Okafor Family Medicine"]),
        ({"ordering": "-name"}, ["Okafor Family Medicine", "Ironworks Gym"]),
        ({"q": "okafor", "ordering": "name"}, ["Okafor Family Medicine"]),
    ],
)
def test_it_filters_and_orders_partners(at_desk, physician, quiet_gym, query, found):
    Partner.objects.filter(pk=physician.pk).update(city="Ottawa")

    response = at_desk.get(index("partners"), query)

    assert [partner.name for partner in response.context["object_list"]] == found


def test_it_keeps_archived_partners_apart(at_desk, quiet_gym, owner):
    archive(quiet_gym, by=owner)

    assert "Ironworks" not in text(at_desk.get(index("partners")))
    assert "Ironworks" in text(at_desk.get(index("partners"), {"archived": "yes"}))


@pytest.mark.parametrize(
    ("state", "found"),
    [("", ["late", "soon"]), ("overdue", ["late"]), ("coming", ["soon"]), ("done", []), ("all", ["late", "soon"])],
)
def test_it_filters_to_dos(at_desk, quiet_gym, owner, state, found):
    today = timezone.localdate()
    follow_up(partner=quiet_gym, title="late", due_on=today - timedelta(days=1), by=owner)
    follow_up(partner=quiet_gym, title="soon", due_on=today + timedelta(days=1), by=owner)

    response = at_desk.get(index("todos"), {"state": state, "q": "iron"})

    assert [todo.title for todo in response.context["object_list"]] == found


@pytest.mark.parametrize(
    ("days", "words"),
    [(-5, "Sat, Feb 28 5 days late"), (0, "Thu, Mar 5 today"), (1, "Fri, Mar 6 tomorrow"), (2, "Sat, Mar 7")],
)
def test_it_says_the_day_of_a_to_do_once(at_desk, quiet_gym, owner, days, words):
    with time_machine.travel("2026-03-05 15:00Z", tick=False):
        at_desk.force_login(owner)
        follow_up(partner=quiet_gym, title="Call Sam", due_on=timezone.localdate() + timedelta(days=days), by=owner)
        row = BeautifulSoup(text(at_desk.get(index("todos"))), "html.parser").select_one(".listing tbody tr")

    assert row.select("td")[-1].get_text(" ", strip=True) == words


def test_it_says_of_a_row_alone_what_is_missing_and_what_a_day_means(at_desk, quiet_gym, owner):
    """On a phone a row has no heads of columns."""
    now = timezone.now()
    Referral.objects.create(partner=quiet_gym, received_at=now, thanked_at=now)

    assert "No next step" in text(at_desk.get(index("partners")))
    assert "thanked " in text(at_desk.get(index("referrals")))


def test_it_leaves_out_touches_that_were_taken_back(at_desk, quiet_gym, owner):
    take_back(quiet_gym.touches.get(), by=owner)

    assert not at_desk.get(index("touches"), {"q": "clinic"}).context["object_list"]


def test_it_finds_a_contact_by_where_they_are(at_desk, physician):
    response = at_desk.get(index("contacts"), {"q": "ada family"})

    assert "Dr. Ada Okafor" in text(response)
    assert "Partner letters: yes" in text(response)


def test_it_finds_a_referral_by_its_code(at_desk, physician):
    code = str(physician.referrals.get())

    assert code in text(at_desk.get(index("referrals"), {"q": code, "thanked": "no"}))


def _fill(name: str, size: int, owner) -> None:
    for number in range(size):
        partner = Partner.objects.create(name=f"Partner {number}", kind=Kind.GYM, stage=Stage.ACTIVE)
        contact = Contact.objects.create(name=f"Contact {number}", email=f"c{number}@example.com")
        Role.objects.create(partner=partner, contact=contact)
        Touch.objects.create(partner=partner, by=owner)
        Referral.objects.create(partner=partner, referred_by=contact)
        follow_up(partner=partner, contact=contact, title="Call", due_on=timezone.localdate(), by=owner)


@pytest.mark.parametrize("name", LISTS)
def test_it_costs_20_queries_at_most(at_desk, owner, django_assert_max_num_queries, name):
    """And as many for 300 rows: see tests/test_promises.py."""
    _fill(name, 3, owner)
    with django_assert_max_num_queries(20):
        at_desk.get(index(name))
