from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.mail.models import Content, Message, MessageClass
from partners import timeline
from partners.actions import complete, follow_up, log_touch, move_stage, take_back
from partners.models import Partner, Stage, Touch
from workshops.models import Workshop

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


def test_it_needs_a_login_and_permission(client, viewer, quiet_gym):
    url = quiet_gym.get_absolute_url()
    assert client.get(url).url.startswith("/admin/login/")

    client.force_login(viewer)
    page = text(client.get(url)).split('class="sheet"')[1]
    assert "Ironworks Gym" in page
    assert 'method="post"' not in page


def test_it_is_not_there_for_nobody(at_desk):
    assert at_desk.get(reverse("partners:inspect", args=[999])).status_code == 404


def test_it_says_how_to_reach_them(at_desk, physician):
    Partner.objects.update(phone="613 555 0100", street="1 Bank Street", city="Ottawa")

    page = text(at_desk.get(physician.get_absolute_url()))

    assert 'href="tel:6135550100"' in page
    assert "1%20Bank%20Street" in page
    assert "Dr. Ada Okafor" in page
    assert "health-care provider" in page


def test_it_tells_everything_in_one_line_of_time(at_desk, owner, physician):
    ada = physician.roles.get().contact
    log_touch(physician, kind="call", summary="Asked about hours", by=owner, contacts=[ada], is_give=True)
    todo = follow_up(partner=physician, title="Send prices", due_on=timezone.localdate(), by=owner)
    complete(todo, by=owner, outcome="She liked them")
    move_stage(physician, to=Stage.CHAMPION, by=owner, let_through="They told everybody.")
    Message.objects.create(
        dedupe_key="t", message_class=MessageClass.PARTNER, contact=ada, to_email=ada.email,
        content=Content.objects.create(subject="Thank you", text="Thank you"),
    )  # fmt: skip

    entries, has_older = timeline.page_of(physician, timeline.Wanted())

    assert [entry.sort for entry in entries] == ["letter", "stage", "done", "touch", "referral"]
    assert not has_older
    page = text(at_desk.get(physician.get_absolute_url()))
    for words in ("Call with Dr. Ada Okafor", "Done: Send prices", "Moved from Active to Champion", "Thank you"):
        assert words in page


def test_it_tells_of_the_workshops_they_hosted_and_will_host(at_desk, quiet_gym):
    for title, days in (("Knees that last", -20), ("Backs that bend", 20)):
        start = timezone.now() + timedelta(days=days)
        Workshop.objects.create(
            title=title, slug=f"w{days}", host=quiet_gym, place="Quay 1", starts_at=start,
            ends_at=start + timedelta(hours=1), state=Workshop.State.OPEN,
        )  # fmt: skip

    page = text(at_desk.get(quiet_gym.get_absolute_url()))

    assert "Workshop: Knees that last" in page
    assert "to come" in page
    assert "Backs that bend" in page


def test_it_keeps_what_was_taken_back_in_sight(at_desk, owner, quiet_gym):
    take_back(log_touch(quiet_gym, kind="call", summary="A slip", by=owner), by=owner)

    page = text(at_desk.get(quiet_gym.get_absolute_url()))

    assert "entry-gone" in page
    assert "Put back" in page


def test_it_turns_the_pages_of_a_long_story(at_desk, owner, quiet_gym):
    for days in range(30):
        log_touch(quiet_gym, kind="visit", summary=f"Visit {days}", by=owner, occurred_at=_ago(days + 1))

    first = text(at_desk.get(quiet_gym.get_absolute_url()))
    second = text(at_desk.get(quiet_gym.get_absolute_url(), {"page": "2"}))

    assert "Visit 0" in first
    assert "Older" in first
    assert "Free clinic" in second
    assert "Older" not in second


@pytest.mark.parametrize("page", ["0", "-3", "x", "99999999"])
def test_it_shrugs_at_a_page_that_makes_no_sense(at_desk, quiet_gym, page):
    assert at_desk.get(quiet_gym.get_absolute_url(), {"page": page}).status_code == 200


def test_it_costs_the_same_for_a_short_and_a_long_story(at_desk, owner, quiet_gym, django_assert_max_num_queries):
    at_desk.get(quiet_gym.get_absolute_url())
    counts = []
    for size in (3, 100):
        Touch.objects.bulk_create(Touch(partner=quiet_gym, by=owner, occurred_at=_ago(2)) for _ in range(size))
        with django_assert_max_num_queries(20) as counted:
            at_desk.get(quiet_gym.get_absolute_url())
        counts.append(len(counted))

    assert counts[0] == counts[1]


def _ago(days: int):
    return timezone.now() - timedelta(days=days)


@pytest.mark.parametrize(
    "name",
    ["partners:add", "partners:edit", "todos:add", "todos:edit", "touches:edit", "referrals:add", "contacts:add"],
)
def test_it_guards_every_form(client, viewer, quiet_gym, owner, name):
    todo = follow_up(partner=quiet_gym, title="Call", due_on=timezone.localdate(), by=owner)
    keys = {"partners:edit": quiet_gym.pk, "todos:edit": todo.pk, "touches:edit": quiet_gym.touches.get().pk}
    url = reverse(name, args=[keys[name]] if name in keys else [])

    assert client.get(url).url.startswith("/admin/login/")
    client.force_login(viewer)
    assert client.get(url).url == reverse("wagtailadmin_home")
    client.force_login(owner)
    assert client.get(url).status_code == 200


def test_it_starts_a_to_do_with_the_partner_of_the_address(at_desk, owner, quiet_gym):
    url = f"{reverse('todos:add')}?partner={quiet_gym.pk}"
    assert "Ironworks Gym" in text(at_desk.get(url))

    response = at_desk.post(url, {"title": "Call", "due_on": "2027-01-31", "partner": quiet_gym.pk})

    assert response.url == quiet_gym.get_absolute_url()
    assert quiet_gym.follow_ups.get().by == owner


def test_it_asks_whom_a_to_do_is_about(at_desk):
    response = at_desk.post(reverse("todos:add"), {"title": "Call", "due_on": "2027-01-31"})

    assert "choose a partner or a contact" in text(response)


def test_it_mends_a_touch_but_never_into_the_future(at_desk, quiet_gym):
    url = reverse("touches:edit", args=[quiet_gym.touches.get().pk])

    assert "A touch has already happened." in text(
        at_desk.post(url, {"kind": "call", "summary": "Mended", "direction": "out", "occurred_at": "2999-01-01 10:00"})
    )
    at_desk.post(url, {"kind": "call", "summary": "Mended", "direction": "out", "occurred_at": "2026-01-01 10:00"})
    assert quiet_gym.touches.get().summary == "Mended"


def test_it_notes_a_referral_without_naming_anybody(at_desk, owner, quiet_gym):
    at_desk.post(
        f"{reverse('referrals:add')}?partner={quiet_gym.pk}",
        {"partner": quiet_gym.pk, "channel": "in_person", "received_at": "2026-01-01 10:00"},
    )

    referral = quiet_gym.referrals.get()
    assert referral.by == owner
    assert {field.name for field in referral._meta.fields}.isdisjoint({"name", "patient", "email", "phone", "notes"})


@pytest.mark.parametrize("name", ["partner_chooser", "contact_chooser"])
def test_it_is_chosen_by_search(at_desk, physician, quiet_gym, name):
    response = at_desk.get(reverse(f"{name}:choose_results"), {"q": "okafor"})

    assert "Okafor" in text(response)
    assert "Ironworks" not in text(response)


def test_it_keeps_what_was_typed_when_a_person_cannot_be_added(at_desk, quiet_gym):
    page = at_desk.post(reverse("add_person", args=[quiet_gym.pk]), {"name": "Sam Ortiz", "email": "sam at gym"})

    assert page.status_code == 422
    assert 'value="Sam Ortiz"' in page.content.decode()
    assert 'value="sam at gym"' in page.content.decode()
    assert not quiet_gym.roles.exists()
