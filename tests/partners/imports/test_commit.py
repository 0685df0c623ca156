from __future__ import annotations

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.db import IntegrityError, connection
from django.utils import timezone

from partners.imports import actions, progress, writing
from partners.imports.refusals import ImportRefused, NotNow
from partners.models import ImportBatch, Partner

pytestmark = pytest.mark.django_db

LIST = "Name,Street\nIronworks,1 Main Street\nZen,2 Main Street\n"
State = ImportBatch.State


def test_it_imports_all_or_nothing(checked, monkeypatch):
    batch = checked(LIST)

    def fail(*args):
        raise IntegrityError("a row nobody expected")

    monkeypatch.setattr(writing, "_add_people", fail)
    with pytest.raises(ImportRefused, match="nothing was changed"):
        actions.commit(batch)

    batch.refresh_from_db()
    assert not Partner.objects.exists()
    assert (batch.state, batch.rows.count()) == (State.READY, 2)
    assert batch.reason == "The database refused a row, so nothing was changed. Try again."


def test_it_commits_only_once(imported):
    batch = imported(LIST)

    with pytest.raises(NotNow):
        actions.commit(batch)
    assert Partner.objects.count() == 2


def test_it_lets_one_run_at_a_time(checked):
    batch = checked(LIST)
    actions.begin(batch, State.RUNNING)

    with pytest.raises(NotNow, match="already"):
        actions.begin(batch, State.RUNNING)


def test_it_ignores_a_worker_that_was_given_up(checked):
    batch = checked(LIST)
    lost = actions.begin(batch, State.RUNNING)
    ImportBatch.objects.update(moved_at=timezone.now() - timedelta(minutes=3))
    mine = actions.begin(batch, State.RUNNING)

    actions.carry_out(batch, run=lost)
    assert not Partner.objects.exists()

    actions.carry_out(batch, run=mine)
    assert Partner.objects.count() == 2


def test_it_judges_again_what_has_changed_since_the_check(checked):
    batch = checked(LIST)
    Partner.objects.create(name="Zen", street="2 Main Street")

    actions.commit(batch)

    assert batch.counts == {"new": 1, "unchanged": 1}
    assert Partner.objects.count() == 2


def test_it_leaves_a_trail_of_who_made_what(checked, owner):
    batch = checked(LIST)

    actions.commit(batch, by=owner)

    entries = LogEntry.objects.get_for_model(Partner).filter(action=LogEntry.Action.CREATE)
    assert {(entry.object_repr, entry.actor, entry.additional_data["import_batch"]) for entry in entries} == {
        ("Ironworks", owner, batch.pk),
        ("Zen", owner, batch.pk),
    }
    assert set(Partner.objects.values_list("created_by", "batch")) == {(owner.pk, batch.pk)}


@pytest.mark.django_db(transaction=True)
def test_it_shows_progress_while_nothing_is_committed_yet(checked, monkeypatch):
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0)
    batch = checked(LIST)
    run = actions.begin(batch, State.RUNNING)
    seen = []
    other = connection.copy()

    with progress.shown(batch, run) as show:

        def report(done: int) -> None:
            show(done)
            with other.cursor() as cursor:
                cursor.execute("SELECT rows_done, (SELECT count(*) FROM partners_partner) FROM partners_importbatch")
                seen.append(cursor.fetchone())

        actions.carry_out(batch, run=run, report=report)
    other.close()

    assert seen[-1] == (2, 0)
    assert Partner.objects.count() == 2


def test_it_works_in_the_worker(checked, owner):
    batch = checked(LIST)

    progress.work(batch.pk, actions.begin(batch, State.RUNNING), owner.pk)

    batch.refresh_from_db()
    assert batch.state == State.DONE
