"""The list of Ottawa's gyms, as it comes."""

from __future__ import annotations

import csv
import io
from collections import defaultdict

import pytest
from auditlog.models import LogEntry

from partners.imports import actions
from partners.models import ImportRow, Kind, Partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(ottawa) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(ottawa.decode("utf-8"), newline="")))


def test_it_gives_every_row_a_fate(imported, ottawa, rows):
    batch = imported(ottawa)

    unnamed = [number for number, row in enumerate(rows, start=2) if not row["NAME"].strip()]
    problems = batch.rows.filter(fate=ImportRow.Fate.PROBLEM)
    assert (len(rows), len(unnamed)) == (494, 29)
    assert list(problems.values_list("number", flat=True)) == unnamed
    assert {row.reason[:8] for row in problems} == {"No name."}
    assert batch.counts == {"new": 464, "problem": 29, "duplicate": 1}
    assert batch.rows.count() == 494


def test_it_keeps_branches_apart(imported, ottawa, rows):
    imported(ottawa)

    streets = defaultdict(set)
    for row in rows:
        streets[row["NAME"]].add(row["ADDRESS"])
    branches = {name: found for name, found in streets.items() if name and len(found) > 1}
    kept = defaultdict(set)
    for name, street in Partner.objects.filter(name__in=branches).values_list("name", "street"):
        kept[name].add(street)
    assert kept == branches
    assert len(branches) == 29
    assert Partner.objects.filter(name="Anytime Fitness").count() == 20


def test_it_holds_back_a_namesake_next_door_without_an_address(imported, ottawa):
    batch = imported(ottawa)

    doubtful = batch.rows.get(fate=ImportRow.Fate.DUPLICATE)
    assert doubtful.said["values"]["name"] == "Ultime Sport"
    assert "same name, no address to tell them apart (row 312)" in doubtful.reason
    assert doubtful.may_decide


def test_it_reads_what_the_rows_say(imported, ottawa, rows):
    imported(ottawa)

    partner = Partner.objects.get(external_id="node/13088503780")
    assert (partner.phone, partner.website) == (
        "+1 613-230-8880",
        "https://www.anytimefitness.ca/gyms/9900084/ottawa-on-k1r-7x5/",
    )
    assert Partner.objects.filter(name="Éconofitness").count() == 3
    assert Partner.objects.get(name="Astanga Yoga").kind == Kind.YOGA_STUDIO
    hours = {row["OPENING_HOURS"] for row in rows if row["OPENING_HOURS"] and row["NAME"]}
    assert set(Partner.objects.exclude(opening_hours="").values_list("opening_hours", flat=True)) == hours


def test_it_changes_nothing_the_second_time(imported, ottawa):
    imported(ottawa)
    before = list(Partner.objects.order_by("pk").values())

    again = imported(ottawa)

    assert again.counts == {"unchanged": 464, "problem": 29, "duplicate": 1}
    assert list(Partner.objects.order_by("pk").values()) == before


def test_it_goes_back_to_nothing(imported, ottawa, owner):
    batch = imported(ottawa)

    actions.undo(batch, by=owner)

    assert not Partner.objects.exists()
    assert (batch.counts["removed"], batch.counts["kept"]) == (464, 0)
    assert LogEntry.objects.get_for_model(Partner).filter(action=LogEntry.Action.DELETE, actor=owner).count() == 464
