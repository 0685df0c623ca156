from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from partners.actions import log_touch
from partners.models import Partner, Stage, Touch

pytestmark = pytest.mark.django_db

URL = "/admin/log/"


def post(client, **fields):
    return client.post(URL, {"kind": "visit", **fields}, follow=True)


def text(response) -> str:
    return response.content.decode()


def test_it_needs_a_login(client):
    assert client.get(URL).url == f"/admin/login/?next={URL}"


def test_it_needs_permission(client, viewer):
    client.force_login(viewer)

    assert client.get(URL).url == reverse("wagtailadmin_home")
    assert post(client, partner="1").redirect_chain[0][0] == reverse("wagtailadmin_home")


def test_it_refuses_the_wrong_method(at_desk):
    assert at_desk.put(URL).status_code == 405


def test_it_logs_a_touch_and_says_so(at_desk, owner, quiet_gym):
    response = post(at_desk, partner=quiet_gym.pk, kind="call", summary="Asked about the clinic", is_give="on")

    touch = quiet_gym.touches.first()
    assert (touch.kind, touch.summary, touch.is_give, touch.by) == ("call", "Asked about the clinic", True, owner)
    assert "Call with Ironworks Gym" in text(response)
    assert "Undo" in text(response)


def test_it_logs_the_next_step_by_a_tap(at_desk, quiet_gym):
    post(at_desk, partner=quiet_gym.pk, next_step="Send the handout", due="14")

    assert quiet_gym.follow_ups.get().due_on == timezone.localdate() + timedelta(days=14)


def test_it_logs_the_next_step_by_a_date(at_desk, quiet_gym):
    day = timezone.localdate() + timedelta(days=30)

    post(at_desk, partner=quiet_gym.pk, next_step="Send the handout", due="on", due_on=day.isoformat())

    assert quiet_gym.follow_ups.get().due_on == day


def test_it_logs_what_happened_on_another_day(at_desk, quiet_gym):
    day = timezone.localdate() - timedelta(days=3)

    post(at_desk, partner=quiet_gym.pk, occurred_on=day.isoformat())

    assert timezone.localdate(quiet_gym.touches.first().occurred_at) == day


def test_it_refuses_tomorrow_and_keeps_what_was_typed(at_desk, quiet_gym):
    tomorrow = timezone.localdate() + timedelta(days=1)

    response = post(at_desk, partner=quiet_gym.pk, summary="Asked about it", occurred_on=tomorrow.isoformat())

    assert response.status_code == 422
    assert "A touch has already happened." in text(response)
    assert "Asked about it" in text(response)
    assert quiet_gym.touches.count() == 1


def test_it_refuses_a_next_step_in_the_past(at_desk, quiet_gym):
    yesterday = timezone.localdate() - timedelta(days=1)

    response = post(at_desk, partner=quiet_gym.pk, next_step="Call", due="on", due_on=yesterday.isoformat())

    assert "This day has passed." in text(response)


def test_it_asks_whom_it_was_with(at_desk):
    response = post(at_desk, summary="Asked about it")

    assert "Say who it was with" in text(response)


def test_it_takes_a_name_that_is_typed_in_full(at_desk, quiet_gym):
    post(at_desk, name="ironworks gym")

    assert quiet_gym.touches.count() == 2


def test_it_asks_which_partner_a_misspelt_name_means(at_desk, quiet_gym):
    response = post(at_desk, name="Irnworks", summary="Free clinic")

    assert "Which partner do you mean by “Irnworks”?" in text(response)
    assert f'value="{quiet_gym.pk}"' in text(response)
    assert Touch.objects.count() == 1

    post(at_desk, name="Irnworks", asked="Irnworks", partner=quiet_gym.pk)
    assert quiet_gym.touches.count() == 2


def test_it_asks_again_when_another_name_is_typed_beside_a_chip(at_desk, quiet_gym, physician):
    post(at_desk, partner=quiet_gym.pk, name="Okafor Family Medicine")

    assert physician.touches.count() == 1


def test_it_offers_an_unknown_name_as_a_new_partner(at_desk, owner):
    response = post(at_desk, name="Cedar Yoga")

    assert "Add “Cedar Yoga” as a new partner" in text(response)
    assert not Partner.objects.exists()

    post(at_desk, name="Cedar Yoga", partner="new", partner_kind="yoga_studio")
    partner = Partner.objects.get()
    assert (partner.name, partner.kind, partner.stage, partner.created_by) == (
        "Cedar Yoga",
        "yoga_studio",
        Stage.IDENTIFIED,
        owner,
    )
    assert partner.touches.count() == 1


def test_it_shows_the_last_touched_partners_before_anything_is_typed(at_desk, physician, quiet_gym):
    response = at_desk.get(URL)

    assert "Ironworks Gym" in text(response)
    assert "Okafor" not in text(response)


def test_it_starts_with_the_partner_of_the_address(at_desk, physician):
    assert f'value="{physician.pk}" checked' in text(at_desk.get(f"{URL}?partner={physician.pk}"))


@pytest.mark.parametrize("value", ["", "x", "-1", "²", "9" * 30])
def test_it_shrugs_at_an_address_that_makes_no_sense(at_desk, value):
    assert at_desk.get(URL, {"partner": value}).status_code == 200


def test_it_keeps_an_archived_partner_out(at_desk, quiet_gym):
    Partner.objects.update(archived_at=timezone.now())

    assert "Say who it was with" in text(post(at_desk, partner=quiet_gym.pk))


def test_it_shows_the_way_back_after_a_slip(at_desk, owner, quiet_gym):
    touch = log_touch(quiet_gym, kind="visit", summary="Wrong line", by=owner)

    response = at_desk.post(reverse("take_back", args=[touch.pk]), {"next": f"{URL}?logged={touch.pk}"}, follow=True)

    assert "Put it back" in text(response)
    again = at_desk.get(f"{URL}?again={touch.pk}")
    assert "Wrong line" in text(again)


def test_it_suggests_misspelt_names(at_desk, quiet_gym):
    response = at_desk.get("/admin/log/suggest/", {"q": "irnworks"})

    assert "Ironworks Gym" in text(response)
    assert "Add “irnworks” as a new partner" in text(response)


def test_it_suggests_only_to_those_who_may_log(client, viewer):
    assert client.get("/admin/log/suggest/").status_code == 302
    client.force_login(viewer)
    assert client.get("/admin/log/suggest/").url == reverse("wagtailadmin_home")


def test_it_costs_the_same_for_3_and_300_partners(at_desk, owner, django_assert_max_num_queries):
    counts = []
    for size in (3, 300):
        for number in range(size):
            Touch.objects.create(partner=Partner.objects.create(name=f"Partner {number}"), by=owner)
        at_desk.get(URL)
        with django_assert_max_num_queries(20) as counted:
            at_desk.get(URL)
        counts.append(len(counted))

    assert counts[0] == counts[1]


def test_it_logs_two_presses_of_the_same_page_once(at_desk, quiet_gym):
    once = str(uuid4())
    first = post(at_desk, partner=quiet_gym.pk, summary="Left a card", once=once)
    second = post(at_desk, partner=quiet_gym.pk, summary="Left a card", once=once)

    assert Touch.objects.filter(summary="Left a card").count() == 1
    assert second.redirect_chain == first.redirect_chain


def test_it_adds_a_new_partner_once_for_two_presses(at_desk):
    new = {"partner": "new", "name": "Second Spring", "once": str(uuid4())}
    post(at_desk, **new)
    post(at_desk, **new)

    assert Partner.objects.get(name="Second Spring").touches.count() == 1


def test_it_logs_something_else_typed_on_the_page_gone_back_to(at_desk, quiet_gym):
    once = str(uuid4())
    post(at_desk, partner=quiet_gym.pk, summary="Left a card", once=once)
    post(at_desk, partner=quiet_gym.pk, summary="Met the new coach", once=once)

    assert Touch.objects.filter(summary="Met the new coach").exists()


def test_it_keeps_what_was_typed_by_somebody_logged_out(client, owner, quiet_gym):
    answer = client.post(URL, {"kind": "call", "partner": quiet_gym.pk, "summary": "They want a talk"})
    assert answer.url == f"/admin/login/?next={URL}"

    client.post(answer.url, {"username": owner.email, "password": "correct horse battery"})
    page = text(client.get(URL))

    assert "What you typed is still here" in page
    assert "They want a talk" in page
    assert "What you typed is still here" not in text(client.get(URL))
