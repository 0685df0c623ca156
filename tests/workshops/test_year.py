"""The year at a glance: what is planned, held, cancelled and missing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.people.zones import practice_time
from partners.models import Partner, Stage
from tests.workshops.conftest import fill, make_workshop
from workshops.models import Registration, Workshop
from workshops.year import year_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_may(time_machine_at):
    time_machine_at(datetime(2026, 5, 11, 15, tzinfo=UTC))


@pytest.fixture
def office(client, owner, practice):
    client.force_login(owner)
    return client


@pytest.fixture
def champion(practice) -> Partner:
    return Partner.objects.create(name="Foundry", kind="gym", stage=Stage.CHAMPION)


def at(month: int, day: int = 12) -> datetime:
    return datetime(2026, month, day, 22, tzinfo=UTC)


def row_of(partner: Partner | None, number: int = 2026):
    year = year_of(number)
    return next(row for row in (*year.regular, *year.others) if row.partner == partner)


def missing(partner: Partner, number: int = 2026) -> list[bool]:
    return [cell.is_missing for cell in row_of(partner, number).cells]


def test_it_places_a_workshop_in_its_quarter(champion):
    spring, autumn = make_workshop(host=champion, starts_at=at(5, 20)), make_workshop(host=champion, starts_at=at(10))

    assert [cell.workshops for cell in row_of(champion).cells] == [[], [spring], [], [autumn]]


def test_it_counts_by_the_practices_calendar(champion):
    last_evening = make_workshop(host=champion, starts_at=datetime(2026, 7, 1, 2, tzinfo=UTC))

    with practice_time():
        assert row_of(champion).cells[1].workshops == [last_evening]


def test_it_misses_one_this_quarter_and_next(champion):
    assert missing(champion) == [False, True, True, False]
    assert year_of(2026).missing == 1


@pytest.mark.parametrize("month", [4, 6, 8])
def test_it_misses_none_once_one_is_planned_or_was_held(champion, month):
    make_workshop(host=champion, starts_at=at(month), state="draft")

    assert missing(champion) == [False] * 4


def test_it_misses_one_when_the_only_one_is_cancelled(champion):
    make_workshop(host=champion, starts_at=at(8), state="cancelled")

    assert missing(champion) == [False, True, True, False]


def test_it_misses_nothing_from_who_sends_nobody(quiet_gym):
    make_workshop(host=quiet_gym, starts_at=at(2))
    Partner.objects.filter(pk=quiet_gym.pk).update(stage=Stage.CONVERSATION)

    assert missing(quiet_gym) == [False] * 4
    assert quiet_gym in [row.partner for row in year_of(2026).others]


def test_it_puts_active_partners_and_champions_first(champion, physician):
    year = year_of(2026)

    assert {champion, physician} <= {row.partner for row in year.regular}


def test_it_shows_who_was_archived_with_what_was_held(champion):
    make_workshop(host=champion, starts_at=at(2), state="held")
    Partner.objects.filter(pk=champion.pk).update(archived_at=timezone.now())

    assert champion in [row.partner for row in year_of(2026).others]
    assert champion not in [row.partner for row in year_of(2025).others]


def test_it_gives_workshops_without_a_host_a_row(practice):
    ours = make_workshop(starts_at=at(5, 20))

    assert row_of(None).cells[1].workshops == [ours]


def test_it_says_when_a_quarter_holds_more_than_one_person_does_well(office, champion):
    for day in range(1, 8):
        make_workshop(host=champion, starts_at=at(6, day))
    make_workshop(host=champion, starts_at=at(6, 9), state="cancelled")

    assert year_of(2026).quarters[1].count == 7
    assert "7 workshops in quarter 2" in office.get(reverse("workshops:year")).text


def test_it_has_a_fifth_column_in_the_last_quarter(champion, time_machine_at):
    time_machine_at(datetime(2026, 11, 11, 15, tzinfo=UTC))
    early = make_workshop(host=champion, starts_at=datetime(2027, 2, 3, 22, tzinfo=UTC))

    assert row_of(champion).cells[4].workshops == [early]
    assert len(year_of(2027).quarters) == 4


def test_it_says_what_is_planned_and_who_came(office, champion):
    fill(make_workshop(host=champion, starts_at=at(8), capacity=3), "Ada")
    held = make_workshop(host=champion, starts_at=at(6), capacity=3)
    fill(held, "Ada", "Ben")
    Registration.objects.filter(workshop=held, name="Ada").update(checked_in_at=at(6))
    make_workshop(host=champion, starts_at=at(9), state="draft")
    Workshop.objects.filter(pk=held.pk).update(starts_at=at(2), ends_at=at(2, 13), state="held")

    html = " ".join(office.get(reverse("workshops:year")).text.split())

    for words in ("Open, 1 of 3", "Held, 1 came", "Draft, 0 of 2"):
        assert words in html


def test_it_folds_the_other_partners_away(office, champion):
    Partner.objects.create(name="Far Away Gym", kind="gym", stage=Stage.IDENTIFIED)

    html = office.get(reverse("workshops:year")).text

    assert "Far Away Gym" in html.partition("<details")[2]
    assert "Far Away Gym" not in html.partition("</table>")[0]


@pytest.mark.parametrize(("asked", "year"), [("2025", 2025), ("2027", 2027), ("", 2026), ("x", 2026), ("9" * 40, 2026)])
def test_it_shows_the_year_asked_for(office, asked, year):
    response = office.get(f"{reverse('workshops:year')}?year={asked}")

    assert response.context["year"].number == year


def test_it_offers_a_viewer_nothing_to_plan(client, viewer, champion):
    client.force_login(viewer)
    html = client.get(reverse("workshops:year")).text

    assert "Missing" in html
    assert "Propose" not in html


def test_it_needs_a_login_and_only_reads(client, owner):
    assert client.get(reverse("workshops:year")).status_code == 302
    client.force_login(owner)
    assert client.post(reverse("workshops:year")).status_code == 405


def test_it_costs_the_same_for_3_partners_and_300(office, queries_of):
    def make(many: int) -> None:
        hosts = Partner.objects.bulk_create(
            Partner(name=f"Gym {n}", kind="gym", stage=Stage.ACTIVE) for n in range(many)
        )
        for host in hosts[:40]:
            make_workshop(host=host, starts_at=at(5, 20))

    make(3)
    few = queries_of(reverse("workshops:year"))
    make(300)
    assert queries_of(reverse("workshops:year")) == few <= 20


def test_it_shows_sixty_partners_a_page_and_counts_all(office, practice):
    Partner.objects.bulk_create(Partner(name=f"Gym {n:03}", stage=Stage.ACTIVE) for n in range(130))

    pages = [office.get(f"{reverse('workshops:year')}?p={number}") for number in (1, 3)]

    assert [len(page.context["regular"]) for page in pages] == [60, 10]
    assert "130 have none this quarter or next." in pages[1].text
    assert "121 to 130 of 130 partners" in pages[1].text
    assert "Gym 129" in pages[1].text
    assert "Gym 129" not in pages[0].text
