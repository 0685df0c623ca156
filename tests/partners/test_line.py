"""The line of plain writing in the quick log: it fills the form, asks what is open, and saves nothing by itself."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from crm.people.models import Contact
from partners.models import FollowUp, Partner, Role, Touch

pytestmark = pytest.mark.django_db

URL = "/admin/log/"


@pytest.fixture
def coach(quiet_gym) -> Contact:
    contact = Contact.objects.create(name="Sam Rivers")
    Role.objects.create(partner=quiet_gym, contact=contact, title="Head coach")
    return contact


def read(client, line, **headers):
    return client.post(URL, {"line": line, "read": "yes"}, **headers)


def post(client, **fields):
    return client.post(URL, {"kind": "visit", **fields}, follow=True)


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_it_fills_the_form_without_saving(at_desk, quiet_gym, coach):
    page = text(read(at_desk, "coffee with the head coach at Ironworks Gym, gave the hamstring guide, call tomorrow"))

    assert f'name="partner" value="{quiet_gym.pk}" checked' in page
    assert f'name="contacts" value="{coach.pk}" checked' in page
    assert 'value="meeting" checked' in page
    assert 'name="is_give" checked' in page
    assert "from “gave the hamstring guide”" in page
    assert (timezone.localdate() + timedelta(days=1)).isoformat() in page
    assert Touch.objects.count() == 1
    assert not FollowUp.objects.exists()


def test_it_answers_the_page_that_is_open(at_desk, quiet_gym, coach):
    answer = read(at_desk, "call with sam at ironworks", headers={"X-Requested-With": "XMLHttpRequest"}).json()

    assert answer["partner"] == {"pk": quiet_gym.pk, "name": "Ironworks Gym"}
    assert (answer["values"]["kind"], answer["values"]["contacts"]) == ("call", [coach.pk])
    assert "Sam Rivers" in answer["html"]


def test_it_needs_permission(client, viewer):
    client.force_login(viewer)

    assert read(client, "coffee").status_code == 302


def test_it_reads_a_line_in_few_queries(at_desk, quiet_gym, coach, django_assert_max_num_queries):
    read(at_desk, "coffee with sam at ironworks")
    with django_assert_max_num_queries(20):
        read(at_desk, "coffee with sam at ironworks")


def test_it_asks_which_day_before_it_saves(at_desk, quiet_gym):
    weekday = f"{timezone.localdate() - timedelta(days=2):%A}"
    line = f"call {weekday} at ironworks"
    assert f"Which day do you mean by “{weekday}”?" in text(read(at_desk, line))

    refused = post(at_desk, partner=quiet_gym.pk, line=line, kind="call")
    assert refused.status_code == 422
    assert quiet_gym.touches.count() == 1

    day = timezone.localdate() - timedelta(days=2)
    post(at_desk, partner=quiet_gym.pk, line=line, kind="call", occurred_pick=day.isoformat())
    assert timezone.localdate(quiet_gym.touches.first().occurred_at) == day


def test_it_makes_a_to_do_of_the_day_that_is_to_come(at_desk, quiet_gym):
    day = timezone.localdate() + timedelta(days=5)
    line = f"call {day:%A} at ironworks"

    response = post(
        at_desk, partner=quiet_gym.pk, line=line, kind="call", summary="Call", occurred_pick=day.isoformat()
    )

    assert "Still to come, so it is a to do" in text(response)
    assert (quiet_gym.follow_ups.get().due_on, quiet_gym.touches.count()) == (day, 1)


def test_it_makes_a_to_do_of_what_has_not_happened(at_desk, quiet_gym):
    assert "It is still to come: save it as a to do" in text(read(at_desk, "coffee at Ironworks tomorrow"))

    day = timezone.localdate() + timedelta(days=1)
    fields = {"partner": quiet_gym.pk, "line": "coffee at Ironworks tomorrow", "is_ahead": "on", "once": "0" * 32}
    for _ in range(2):
        post(at_desk, **fields, next_step="Coffee at Ironworks", due="on", due_on=day.isoformat())
    assert quiet_gym.follow_ups.get().title == "Coffee at Ironworks"
    assert quiet_gym.touches.count() == 1


def test_it_asks_which_of_two_partners(at_desk, quiet_gym):
    Partner.objects.create(name="Ironside Barbell")
    other = Partner.objects.create(name="Ironworks Yoga")
    page = text(read(at_desk, "visit at ironworks"))

    assert "Which partner do you mean by “ironworks”?" in page
    assert f'value="{other.pk}" data-name="Ironworks Yoga"' in page
    assert "Ironside" not in page


def test_it_adds_a_person_only_when_ticked(at_desk, quiet_gym, coach):
    line = "coffee with Jess and Sam at Ironworks"
    assert "Add Jess as a person there" in text(read(at_desk, line))

    post(at_desk, partner=quiet_gym.pk, line=line, summary="Coffee", contacts=[coach.pk])
    assert not Contact.objects.filter(name="Jess").exists()

    post(at_desk, partner=quiet_gym.pk, line=line, summary="Coffee", contacts=[coach.pk], newcomers=["Jess"])
    assert {contact.name for contact in quiet_gym.touches.first().contacts.all()} == {"Sam Rivers", "Jess"}
    assert quiet_gym.roles.filter(contact__name="Jess").exists()


def test_it_adds_nobody_whom_the_line_does_not_name(at_desk, quiet_gym):
    assert post(at_desk, partner=quiet_gym.pk, line="visit", newcomers=["Mallory"]).status_code == 422


def test_it_finds_a_partner_by_somebody_there(at_desk, quiet_gym, coach):
    assert f'name="partner" value="{quiet_gym.pk}" checked' in text(read(at_desk, "texted Sam"))


def test_it_takes_a_line_from_an_address(at_desk, quiet_gym):
    assert f'name="partner" value="{quiet_gym.pk}" checked' in text(at_desk.get(URL, {"line": "visit at ironworks"}))


@pytest.mark.parametrize("line", ["", "   ", "?", "x" * 2000, "a " * 1000, "\x00", "<script>alert(1)</script>"])
def test_it_shrugs_at_a_line_that_says_nothing(at_desk, line):
    response = read(at_desk, line)

    assert response.status_code == 200
    assert "<script>alert" not in text(response)


def test_it_asks_once_about_what_looks_like_a_patient(at_desk, quiet_gym, owner):
    fields = {"partner": quiet_gym.pk, "summary": "Talked about Jane's knee", "once": "1" * 32}
    refused = post(at_desk, **fields)

    assert refused.status_code == 422
    assert "“Jane&#x27;s knee” (a name beside a body part)" in text(refused)
    assert "Talked about Jane" in text(refused)
    assert quiet_gym.touches.count() == 1

    ok = text(refused).split('name="identity_ok" value="')[1].split('"')[0]
    assert (
        post(at_desk, **{**fields, "summary": "Call 613-555-0142 about Jane's knee"}, identity_ok=ok).status_code == 422
    )
    post(at_desk, **fields, identity_ok=ok)
    touch = quiet_gym.touches.first()
    assert touch.summary == "Talked about Jane's knee"
    entry = LogEntry.objects.get_for_object(touch).filter(changes__has_key="looks_like_a_patient").get()
    assert entry.actor == owner
    assert "Jane" not in str(entry.changes)


def test_it_lets_the_partners_own_people_be_named(at_desk, quiet_gym, coach):
    post(at_desk, partner=quiet_gym.pk, summary="Sam's knee is fine again")

    assert quiet_gym.touches.count() == 2


def test_it_keeps_the_line_of_somebody_logged_out(client, owner):
    answer = client.post(URL, {"line": "visit at ironworks", "kind": "visit"})
    client.post(answer.url, {"username": owner.email, "password": "correct horse battery"})

    assert "visit at ironworks" in text(client.get(URL))
