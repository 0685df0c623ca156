from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.urls import reverse

from crm.office import doctor, health

pytestmark = pytest.mark.django_db


def run() -> tuple[int, str]:
    """The command's exit code and what it printed."""
    out = io.StringIO()
    try:
        call_command("doctor", stdout=out, no_color=True)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def half_done(settings, practice):
    """A public site with no way out, and no network to ask."""
    settings.BASE_URL, settings.IS_LOCAL = "http://rapport.harbourphysio.ca", False
    settings.DNS_SERVER = "127.0.0.1:1"
    return settings


@pytest.fixture
def well(monkeypatch):
    """A house in which everything runs."""
    monkeypatch.setattr(health, "examine", lambda: {"ok": True, "database": "well", "worker": "well", "outbox": "well"})


def test_it_is_content_with_a_machine_at_home():
    code, said = run()

    assert code == 0
    assert "This installation sends nothing" in said
    assert "Way out             Set SENDGRID_API_KEY" in said
    assert "unfit" not in said


def test_it_names_what_is_missing(half_done):
    code, said = run()

    assert code == 1
    assert "unfit       Way out" in said
    assert "unfit       Worker" in said
    assert "Not fit to send yet. To mend: Worker, Way out, Site address, Sender address." in " ".join(said.split())


def test_it_says_what_is_well(well):
    _code, said = run()

    assert "fit         Database" in said


@pytest.mark.parametrize("part", ["worker", "outbox"])
def test_it_passes_on_what_the_house_says(half_done, monkeypatch, part):
    report = {"ok": False, "database": "well", "worker": "well", "outbox": "well", part: "late: 7 messages are due"}
    monkeypatch.setattr(health, "examine", lambda: report)

    code, said = run()
    assert code == 1
    assert f"The {part} is late: 7 messages are due." in " ".join(said.split())


def test_it_goes_no_further_without_a_database(monkeypatch):
    monkeypatch.setattr(health, "examine", lambda: {"ok": False, "database": "away: OperationalError"})

    code, said = run()
    assert code == 1
    assert said.count("\n") == 4
    assert "The database is away: OperationalError." in said


def test_it_sums_up():
    good = doctor.fit("Well.")
    odd = doctor.replace(doctor.unfit("Bad.", "Mend it."), name="SPF")
    vague = doctor.replace(doctor.post_room.findings.unsure("Hm.", "Look."), name="DKIM")

    assert doctor.summary([good]) == "This installation is fit to send."
    assert doctor.summary([good, vague]) == "Nothing is wrong, but look yourself at: DKIM."
    assert doctor.summary([good, vague, odd]) == "Not fit to send yet. To mend: SPF."


# The page in the office


@pytest.fixture
def page(client, owner):
    client.force_login(owner)
    return client


def test_it_shows_the_list_without_asking_anybody(page, monkeypatch):
    monkeypatch.setattr(doctor, "examine", lambda: pytest.fail("Nobody pressed the button."))

    body = page.get(reverse("doctor")).content.decode()
    assert all(f"<h3>{check.name}</h3>" in body for check in doctor.CHECKS)
    assert "Not examined" in body


def test_it_examines_when_asked(page):
    body = page.post(reverse("doctor")).content.decode()

    assert "This installation sends nothing" in body
    assert "Not needed" in body
    assert "Not examined" not in body


def test_it_examines_one_thing(page):
    for check in doctor.CHECKS:
        body = page.post(reverse("doctor_check", args=[check.slug])).content.decode()

        assert body.startswith("<li")
        assert f"<h3>{check.name}</h3>" in body
        assert f'id="{check.slug}"' in body


def test_it_knows_no_other_checks(page):
    assert page.post(reverse("doctor_check", args=["horoscope"])).status_code == 404


def test_it_needs_a_login(client):
    for address in (reverse("doctor"), reverse("doctor_check", args=["spf"])):
        assert client.post(address).headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("who", ["viewer", "assistant"])
def test_it_is_for_those_who_may_act(client, request, who):
    client.force_login(request.getfixturevalue(who))

    for address in (reverse("doctor"), reverse("doctor_check", args=["spf"])):
        assert client.post(address, HTTP_ACCEPT="text/html").status_code in (302, 403)
    assert "/admin/doctor/" not in client.get("/admin/reports/site-history/", follow=True).content.decode()


def test_it_refuses_the_wrong_method(page):
    assert page.put(reverse("doctor")).status_code == 405
    assert page.get(reverse("doctor_check", args=["spf"])).status_code == 405


def test_the_menu_leads_to_it(page):
    assert "/admin/doctor/" in page.get(reverse("partners:index")).content.decode()


def test_nothing_stands_twice():
    slugs = [check.slug for check in doctor.CHECKS]

    assert len(set(slugs)) == len(slugs)
