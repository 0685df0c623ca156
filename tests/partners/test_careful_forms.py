"""Wherever free text about a partner is kept, what looks like a patient is asked about once."""

import pytest
from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from partners.actions import follow_up
from partners.imports import actions as imports
from partners.models import FollowUp, ImportRow, Partner

pytestmark = pytest.mark.django_db

NAMES = "Jane's knee"


def text(response) -> str:
    return response.content.decode()


def press_all_the_same(client, url, fields, refused):
    """Press the button that the question brought."""
    ok = text(refused).split('name="identity_ok" value="')[1].split('"')[0]
    return client.post(url, {**fields, "identity_ok": ok})


def was_confirmed(row) -> bool:
    return LogEntry.objects.get_for_object(row).filter(changes__has_key="looks_like_a_patient").exists()


def test_it_asks_about_a_to_do(at_desk, quiet_gym):
    url, fields = reverse("todos:add"), {"title": f"Ask about {NAMES}", "due_on": "2030-01-02", "partner": quiet_gym.pk}
    refused = at_desk.post(url, fields)

    assert "a name beside a body part" in text(refused)
    assert not FollowUp.objects.exists()
    assert press_all_the_same(at_desk, url, fields, refused).status_code == 302
    assert was_confirmed(FollowUp.objects.get())


def test_it_asks_about_a_to_do_only_where_its_words_change(at_desk, quiet_gym):
    todo = follow_up(partner=quiet_gym, title=f"Ask about {NAMES}", due_on=timezone.localdate())
    fields = {"title": todo.title, "due_on": "2030-01-02", "partner": quiet_gym.pk}

    assert at_desk.post(reverse("todos:edit", args=[todo.pk]), fields).status_code == 302


def test_it_asks_about_a_touch_that_is_mended(at_desk, quiet_gym):
    touch = quiet_gym.touches.get()
    url = reverse("touches:edit", args=[touch.pk])
    fields = {
        "kind": "visit",
        "occurred_at": "2026-01-02 10:00",
        "summary": NAMES,
        "direction": "out",
        "cost_cents": "0",
    }
    refused = at_desk.post(url, fields)

    touch.refresh_from_db()
    assert "Save it all the same" in text(refused)
    assert touch.summary == "Free clinic"


def test_it_asks_about_the_notes_of_a_partner(at_desk):
    url, fields = (
        reverse("partners:add"),
        {"name": "Cedar Yoga", "kind": "gym", "stage": "identified", "tier": "b", "notes": f"Sent {NAMES}"},
    )
    refused = at_desk.post(url, fields)

    assert not Partner.objects.exists()
    press_all_the_same(at_desk, url, fields, refused)
    assert was_confirmed(Partner.objects.get())


def test_it_keeps_a_partners_own_number_in_its_notes(at_desk):
    fields = {"name": "Cedar Yoga", "kind": "gym", "stage": "identified", "tier": "b", "phone": "+1 613-555-0142"}
    at_desk.post(reverse("partners:add"), {**fields, "notes": "After six: (613) 555-0142"})

    assert Partner.objects.exists()


def test_it_warns_in_the_preview_of_an_import(db):
    rows = f"name,phone,notes\nCedar Yoga,613-555-0142,Sent us {NAMES}\nStill Water,613-555-0143,Call 613-555-0143\n"
    batch = imports.start(rows.encode(), filename="list.csv")
    imports.preview(batch, defaults={})

    first, second = ImportRow.objects.order_by("number")
    assert "“Jane's knee”" in first.reason
    assert "patient" not in second.reason
