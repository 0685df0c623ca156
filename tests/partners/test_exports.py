"""The lists as spreadsheets: what they hold, who may take them, and what is written down about it."""

import csv
from io import BytesIO

import pytest
from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from crm.people.exports import harmless
from partners.actions import follow_up
from partners.models import Kind, Partner, Referral, Stage, Touch

pytestmark = pytest.mark.django_db

LISTS = ("partners", "todos", "referrals", "touches", "contacts", "leads", "registrations", "workshops")
FORMULA = '=HYPERLINK("https://elsewhere.example.com")'


def rows(client, name: str, **query) -> list[dict]:
    response = client.get(reverse(f"{name}:index"), {"export": "csv", **query})
    return list(csv.DictReader(b"".join(response.streaming_content).decode().splitlines()))


def sheet(client, name: str, **query) -> list[tuple]:
    response = client.get(reverse(f"{name}:index"), {"export": "xlsx", **query})
    return list(load_workbook(BytesIO(b"".join(response.streaming_content))).active.values)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (FORMULA, f"'{FORMULA}"),
        ("  =1+1", "'  =1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("＝1+1", "'＝1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("+1-1", "'+1-1"),
        ("-12.5", "-12.5"),
        ("12", "12"),
        ("Café = bar", "Café = bar"),
        ("", ""),
        ("+1 613-555-0142", "+1 613 555 0142"),
        ("+16135550142", "+1 613 555 0142"),
        ("+44 20 7946 0958", "+44 20 7946 0958"),
        ("(613) 555-0142", "(613) 555-0142"),
        ("+999999", "'+999999"),
    ],
)
def test_it_writes_nothing_that_a_spreadsheet_would_run(text, written):
    assert harmless(text) == written


def test_it_exports_names_and_phones_that_can_be_read(at_desk, owner):
    partner = Partner.objects.create(name=FORMULA, phone="+1-613-555-0100", city="@SUM(A1)")
    Touch.objects.create(partner=partner, summary="=1+1", by=owner)

    row = rows(at_desk, "partners")[0]
    assert (row["Name"], row["Phone"], row["City"]) == (f"'{FORMULA}", "+1 613 555 0100", "'@SUM(A1)")
    assert row["Referrals"] == "0"
    touch = rows(at_desk, "touches")[0]
    assert (touch["Partner"], touch["Summary"]) == (f"'{FORMULA}", "'=1+1")


def test_it_writes_no_formula_into_a_workbook(at_desk):
    Partner.objects.create(name=FORMULA)
    response = at_desk.get(reverse("partners:index"), {"export": "xlsx"})
    cell = load_workbook(BytesIO(b"".join(response.streaming_content))).active["A2"]

    assert (cell.value, cell.data_type) == (FORMULA, "s")


def test_it_writes_the_practices_time(at_desk, owner, practice, quiet_gym):
    practice.time_zone = "America/Toronto"
    practice.save()
    at = timezone.datetime(2026, 7, 1, 2, 30, tzinfo=timezone.get_fixed_timezone(0))
    Touch.objects.update(occurred_at=at)

    assert rows(at_desk, "touches")[0]["When"] == "2026-06-30 22:30"
    assert sheet(at_desk, "touches")[1][0].isoformat() == "2026-06-30T22:30:00"


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "gym"},
        {"view": "no_next_step", "tier": "b"},
        {"activity": "active"},
        {"q": "okafor"},
        {"archived": "yes"},
        {"stage": "champion"},
        {},
    ],
)
def test_it_exports_what_the_filter_shows(at_desk, owner, physician, quiet_gym, query):
    Partner.objects.create(name="Put away", archived_at=timezone.now())
    follow_up(partner=physician, title="Call", due_on=timezone.localdate(), by=owner)
    shown = [partner.name for partner in at_desk.get(reverse("partners:index"), query).context["object_list"]]

    assert [row["Name"] for row in rows(at_desk, "partners", **query)] == shown
    assert [row[0] for row in sheet(at_desk, "partners", **query)[1:]] == shown


def test_it_exports_all_pages_and_the_list_from_the_board(at_desk):
    Partner.objects.bulk_create(Partner(name=f"Gym {n}", kind=Kind.GYM, stage=Stage.ACTIVE) for n in range(70))

    assert len(rows(at_desk, "partners", layout="board")) == 70


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("role", ["assistant", "viewer"])
def test_it_is_not_for_everybody(client, request, role, name):
    client.force_login(request.getfixturevalue(role))

    assert client.get(reverse(f"{name}:index"), {"export": "csv"}).url == reverse("wagtailadmin_home")
    assert "export=" not in client.get(reverse(f"{name}:index")).content.decode()
    assert not LogEntry.objects.filter(action=LogEntry.Action.ACCESS).exists()


@pytest.mark.parametrize("name", LISTS)
def test_it_offers_both_to_the_owner(at_desk, name):
    page = at_desk.get(reverse(f"{name}:index")).content.decode()

    assert "export=csv" in page
    assert "export=xlsx" in page
    assert sheet(at_desk, name)


def test_it_writes_down_who_took_what(at_desk, owner, physician, quiet_gym):
    Referral.objects.create(partner=quiet_gym)

    rows(at_desk, "partners", kind="gym")

    entry = LogEntry.objects.get(action=LogEntry.Action.ACCESS)
    assert (entry.actor, entry.object_repr) == (owner, "The list of partners")
    assert entry.changes == {"exported": ["", "1 row as CSV, for kind gym"]}
    page = at_desk.get(reverse("changes")).content.decode()
    assert "partner exported" in page
    assert "1 row as CSV, for kind gym" in page
