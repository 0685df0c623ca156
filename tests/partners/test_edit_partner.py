"""Adding and editing a partner: what was changed is saved, and nothing else."""

import html
import json

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from partners.models import Partner, Stage

pytestmark = pytest.mark.django_db

BLANK = {
    **dict.fromkeys(("phone", "email", "website", "street", "city", "postal_code", "opening_hours", "notes"), ""),
    **dict.fromkeys(("fit_audience", "fit_cash", "fit_benefit", "fit_distance", "fit_warmth"), ""),
}


def text(response) -> str:
    return html.unescape(response.content.decode())


def opened(client, partner: Partner) -> dict:
    """What the form holds when it is opened."""
    form = client.get(reverse("partners:edit", args=[partner.pk])).context["form"]
    fields = {name: form.initial.get(name) for name in form.fields}
    return {name: "" if value is None else value for name, value in fields.items()}


def save(client, partner: Partner, fields: dict):
    return client.post(reverse("partners:edit", args=[partner.pk]), fields)


def test_it_adds_a_partner_where_it_stands(at_desk, owner):
    fields = {**BLANK, "name": "Cedar Yoga", "kind": "yoga_studio", "stage": "conversation", "tier": "a"}
    response = at_desk.post(reverse("partners:add"), fields)

    partner = Partner.objects.get()
    assert response.url == partner.get_absolute_url()
    assert (partner.created_by, partner.stage, partner.tier) == (owner, "conversation", "a")


def test_it_adds_nobody_at_rest(at_desk):
    at_desk.post(reverse("partners:add"), {**BLANK, "name": "Cedar", "kind": "gym", "stage": "paused", "tier": "b"})

    assert not Partner.objects.exists()


def test_it_saves_what_was_changed(at_desk, quiet_gym, owner):
    response = save(at_desk, quiet_gym, {**opened(at_desk, quiet_gym), "name": "Ironworks", "fit_audience": "30"})
    quiet_gym.refresh_from_db()

    assert response.url == quiet_gym.get_absolute_url()
    assert (quiet_gym.name, quiet_gym.fit_audience) == ("Ironworks", 30)
    entry = LogEntry.objects.get_for_object(quiet_gym).first()
    assert (set(entry.changes), entry.actor) == ({"name", "fit_audience"}, owner)


def test_it_writes_no_old_value_over_a_newer_one(at_desk, quiet_gym):
    form = opened(at_desk, quiet_gym)
    Partner.objects.filter(pk=quiet_gym.pk).update(name="Ironworks Barbell", stage=Stage.DORMANT, phone="613 555 0142")

    save(at_desk, quiet_gym, {**form, "city": "Ottawa", "stage": "active"})
    quiet_gym.refresh_from_db()

    assert (quiet_gym.name, quiet_gym.phone, quiet_gym.city) == ("Ironworks Barbell", "613 555 0142", "Ottawa")
    assert quiet_gym.stage == Stage.DORMANT


def test_it_shows_both_where_two_changed_the_same(at_desk, quiet_gym):
    form = opened(at_desk, quiet_gym)
    Partner.objects.filter(pk=quiet_gym.pk).update(city="Gatineau")

    response = save(at_desk, quiet_gym, {**form, "city": "Ottawa", "notes": "They open at six."})
    assert "Somebody else changed this to “Gatineau”" in text(response)
    assert 'value="Ottawa"' in text(response)
    assert "They open at six." in text(response)
    assert Partner.objects.get().city == "Gatineau"

    again = {**form, "city": "Ottawa", "notes": "They open at six.", "seen": response.context["form"]["seen"].value()}
    save(at_desk, quiet_gym, again)
    assert (Partner.objects.get().city, Partner.objects.get().notes) == ("Ottawa", "They open at six.")


def test_it_names_a_choice_in_words(at_desk, quiet_gym):
    form = opened(at_desk, quiet_gym)
    Partner.objects.filter(pk=quiet_gym.pk).update(kind="running_club")

    assert "changed this to “Running club”" in text(save(at_desk, quiet_gym, {**form, "kind": "other"}))


def test_it_says_nothing_where_both_meant_the_same(at_desk, quiet_gym):
    form = opened(at_desk, quiet_gym)
    Partner.objects.filter(pk=quiet_gym.pk).update(city="Ottawa")

    assert save(at_desk, quiet_gym, {**form, "city": "Ottawa"}).status_code == 302


@pytest.mark.parametrize("seen", ["", "nonsense", "[1, 2]", json.dumps({"unknown": 3})])
def test_it_works_without_knowing_what_was_seen(at_desk, quiet_gym, seen):
    save(at_desk, quiet_gym, {**opened(at_desk, quiet_gym), "seen": seen, "city": "Ottawa"})

    assert Partner.objects.get().city == "Ottawa"


def test_it_keeps_what_was_typed_beside_a_mistake(at_desk, quiet_gym):
    response = save(at_desk, quiet_gym, {**opened(at_desk, quiet_gym), "fit_cash": "21", "city": "Ottawa"})

    assert "less than or equal to 20" in text(response)
    assert 'value="Ottawa"' in text(response)
    assert Partner.objects.get().city == ""
