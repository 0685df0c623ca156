import json
import re
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from crm.mail.models import Message
from crm.people import guard
from partners.models import Partner
from tests.workshops.conftest import fill, make_workshop
from workshops import actions
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db


def typed(**changes) -> dict:
    """What a person who took ten seconds sends."""
    signer = signing.TimestampSigner(salt=guard.SALT)
    earlier = timezone.now().timestamp() - 10
    signer.timestamp = lambda: signing.b62_encode(int(earlier))
    return {"name": "Ada Lovelace", "email": "ada@example.com", "shown_at": signer.sign("shown"), **changes}


def json_ld(html: str) -> dict:
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    return json.loads(found)


# The list


def test_it_lists_what_is_coming_and_what_was(client, workshop):
    past = make_workshop(title="Strong ankles", starts_at=timezone.now() - timedelta(days=30))
    make_workshop(title="A secret draft", state="draft")

    response = client.get(reverse("workshops"))

    assert list(response.context["coming"]) == [workshop]
    assert list(response.context["past"]) == [past]
    assert "A secret draft" not in response.text
    assert "2 seats left" in response.text


def test_it_says_on_whose_clock_where_people_sit_anywhere(client, practice):
    make_workshop(place="", video_url="https://meet.example.com/x", time_zone="America/Vancouver")

    assert "Vancouver time (P" in client.get(reverse("workshops")).text


def test_it_says_when_nothing_is_planned(client, practice):
    assert "Nothing is planned at the moment." in client.get(reverse("workshops")).text


def test_it_lists_three_or_three_hundred_with_the_same_queries(client, practice, queries_of):
    def make(many: int) -> None:
        for host in Partner.objects.bulk_create(Partner(name=f"Gym {n}") for n in range(many)):
            make_workshop(host=host)

    make(3)
    few = queries_of(reverse("workshops"))
    make(297)
    assert queries_of(reverse("workshops")) == few <= 25


# One workshop


def test_it_shows_a_workshop_in_its_own_zone(client, practice):
    vancouver = make_workshop(time_zone="America/Vancouver")

    html = client.get(vancouver.get_absolute_url()).text

    assert vancouver.hours in html
    assert "Vancouver time (P" in html


def test_it_hides_a_draft(client, practice):
    assert client.get(make_workshop(state="draft").get_absolute_url()).status_code == 404


def test_it_tells_search_engines_and_escapes_what_people_wrote(client, practice):
    workshop = make_workshop(title="Knees </script><script>alert(1)</script>")

    html = client.get(workshop.get_absolute_url()).text

    event = json_ld(html)
    assert "<script>alert" not in html
    assert event["@type"] == "Event"
    assert event["name"] == workshop.title
    assert event["startDate"] == workshop.local_start.isoformat()
    assert event["remainingAttendeeCapacity"] == 2
    assert event["offers"]["availability"] == "https://schema.org/InStock"


def test_it_shows_a_cancelled_workshop_for_thirty_days(client, workshop, time_machine_at):
    actions.cancel_workshop(workshop, reason="The gym is being painted.")

    response = client.get(workshop.get_absolute_url())
    assert response.status_code == 200
    assert "The gym is being painted." in response.text
    assert json_ld(response.text)["eventStatus"] == "https://schema.org/EventCancelled"
    assert 'name="email"' not in response.text

    time_machine_at(timezone.now() + timedelta(days=31))
    assert client.get(workshop.get_absolute_url()).status_code == 410


def test_it_gives_the_event_as_a_file(client, workshop):
    response = client.get(reverse("workshop_calendar", args=[workshop.slug]))

    event = Calendar.from_ical(response.content).walk("VEVENT")[0]
    assert response["Content-Type"].startswith("text/calendar")
    assert str(event["UID"]) == str(workshop.uid)
    assert "ATTENDEE" not in event


@pytest.mark.parametrize(
    ("name", "allowed"),
    [("workshops", "GET, HEAD"), ("workshop", "GET, HEAD, POST"), ("workshop_thanks", "GET, HEAD")],
)
def test_it_refuses_other_methods(client, workshop, name, allowed):
    address = reverse(name, args=[] if name == "workshops" else [workshop.slug])

    for method in {"post", "put", "delete", "patch"} - {part.strip().lower() for part in allowed.split(",")}:
        response = getattr(client, method)(address)
        assert response.status_code == 405
        assert response["Allow"] == allowed


# Registering


def test_it_registers_with_name_and_address(client, workshop):
    response = client.post(workshop.get_absolute_url(), typed(), follow=True)

    assert response.redirect_chain == [(f"{workshop.get_absolute_url()}thanks/?seat=yes", 302)]
    assert "You have a seat." in response.text
    assert "calendar.google.com" in response.text
    assert 'content="noindex, nofollow"' in response.text
    assert Registration.objects.get().email == "ada@example.com"


def test_it_puts_people_on_the_list_when_the_last_seat_went_while_they_typed(client, workshop):
    client.get(workshop.get_absolute_url())
    fill(workshop, "Ben", "Cleo")

    response = client.post(workshop.get_absolute_url(), typed(), follow=True)

    assert "You are on the waiting list." in response.text
    assert Registration.objects.get(email="ada@example.com").state == "waiting"


def test_it_keeps_what_was_typed_when_something_is_missing(client, workshop):
    response = client.post(workshop.get_absolute_url(), typed(email="ada@", phone="613 555 0101"))

    assert response.status_code == 422
    assert "<title>Error: " in response.text
    assert 'value="Ada Lovelace"' in response.text
    assert 'value="613 555 0101"' in response.text
    assert 'aria-invalid="true"' in response.text
    assert 'href="#id_email"' in response.text
    assert not Registration.objects.exists()


def test_it_keeps_what_was_typed_when_the_workshop_was_cancelled_meanwhile(client, workshop):
    actions.cancel_workshop(workshop, reason="Snow.")

    response = client.post(workshop.get_absolute_url(), typed())

    assert response.status_code == 422
    assert "This workshop does not take place." in response.text
    assert not Registration.objects.exists()


def test_it_answers_a_second_press_like_the_first(client, workshop):
    fill(workshop, "Ben")

    answers = [client.post(workshop.get_absolute_url(), typed(submission="abc")).url for _ in range(2)]

    assert answers == [f"{workshop.get_absolute_url()}thanks/?seat=yes"] * 2
    assert Registration.objects.filter(email="ada@example.com").count() == 1
    assert Message.objects.filter(to_email="ada@example.com").count() == 1


def test_it_does_not_tell_who_is_registered(client, workshop):
    fill(workshop, "Ada")
    known = client.post(workshop.get_absolute_url(), typed(email="ada@example.com")).url
    unknown = client.post(workshop.get_absolute_url(), typed(email="new@example.com")).url
    assert known == unknown

    known = client.post(workshop.get_absolute_url(), typed(email="ada@example.com")).url
    unknown = client.post(workshop.get_absolute_url(), typed(email="other@example.com")).url
    assert known == unknown


def test_it_offers_the_phone_to_whom_it_stops(client, workshop, practice):
    practice.phone = "613 555 0199"
    practice.save()

    response = client.post(workshop.get_absolute_url(), typed(name=""))

    assert "Does it not work? Call us at" in response.text
    assert "613 555 0199" in response.text


def test_it_wants_a_csrf_token(workshop):
    client = Client(enforce_csrf_checks=True)

    assert client.post(workshop.get_absolute_url(), typed()).status_code == 403


def test_it_changes_nothing_on_get(client, workshop):
    ada, *_others = fill(workshop, "Ada", "Ben", "Cleo")
    before = list(Registration.objects.values()), list(Workshop.objects.values()), Message.objects.count()

    for address in (
        reverse("workshops"),
        workshop.get_absolute_url(),
        reverse("workshop_thanks", args=[workshop.slug]),
        ada.get_absolute_url(),
        reverse("registration_calendar", args=[ada.token]),
    ):
        assert client.get(address).status_code == 200

    assert before == (list(Registration.objects.values()), list(Workshop.objects.values()), Message.objects.count())


@pytest.mark.parametrize("state", ["open", "full", "cancelled"])
def test_it_needs_no_script_and_no_inline_style(client, workshop, state):
    ada, *_others = fill(workshop, "Ada", *(["Ben"] if state == "full" else []))
    if state == "cancelled":
        actions.cancel_workshop(workshop, reason="")

    for address in (workshop.get_absolute_url(), reverse("workshops"), ada.get_absolute_url()):
        html = client.get(address).text
        assert re.findall(r"<script(?! type=\"application/ld\+json\"| src=)", html) == []
        assert " style=" not in html
        assert "<style" not in html
        assert " onclick=" not in html


# The sitemap


def test_it_lists_workshops_in_the_sitemap_and_nothing_private(client, workshop):
    (ada,) = fill(workshop, "Ada")
    cancelled = make_workshop(state="cancelled")
    draft = make_workshop(state="draft")

    xml = client.get("/sitemap.xml", headers={"host": "localhost"}).text

    assert f"<loc>{workshop.public_url}</loc>" in xml
    assert f"<loc>http://localhost:8000{reverse('workshops')}</loc>" in xml
    for hidden in (cancelled.slug, draft.slug, ada.token):
        assert hidden not in xml


def test_it_says_of_every_copy_that_it_will_not_follow_a_change(client, workshop):
    page = client.get(reverse("workshop_thanks", args=[workshop.slug]) + "?seat=yes").content.decode()
    without_seat = client.get(reverse("workshop_thanks", args=[workshop.slug])).content.decode()

    assert "press <strong>Yes</strong> once, and it is in your calendar" in page
    copies = page.partition("One-time copy, will not update")[2]
    for host in ("calendar.google.com", "outlook.live.com", "outlook.office.com", "workshop.ics"):
        assert host in copies
    assert "One-time copy" not in without_seat
