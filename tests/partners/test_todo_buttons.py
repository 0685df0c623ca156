from datetime import date, timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from partners.actions import complete, drop, follow_up, log_touch
from partners.models import FollowUp, Partner, Role, Touch

pytestmark = pytest.mark.django_db


@pytest.fixture
def todo(quiet_gym, owner) -> FollowUp:
    return follow_up(partner=quiet_gym, title="Call Sam", due_on=timezone.localdate(), by=owner)


@pytest.fixture
def touch(quiet_gym, owner) -> Touch:
    return log_touch(quiet_gym, kind=Touch.TouchKind.CALL, by=owner)


def said(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


BUTTONS = ("complete", "reopen", "next_step", "snooze", "unsnooze", "put_due", "drop", "pick_up")


@pytest.mark.parametrize("name", BUTTONS)
def test_it_needs_a_login_permission_and_a_post(client, owner, viewer, todo, name):
    url = reverse(name, args=[todo.pk])

    assert client.post(url).url.startswith("/admin/login/")
    client.force_login(viewer)
    assert client.post(url).url == reverse("wagtailadmin_home")
    client.force_login(owner)
    assert client.get(url).status_code == 405
    todo.refresh_from_db()
    assert (todo.done_at, todo.due_on, todo.taken_back_at) == (None, timezone.localdate(), None)


@pytest.mark.parametrize(
    "name",
    [
        "move_partner",
        "unmove_partner",
        "archive_partner",
        "restore_partner",
        "add_person",
        "remind",
        "take_back",
        "put_back",
    ],
)
def test_it_guards_every_button_of_a_partner(client, owner, viewer, touch, name):
    key = touch.pk if name in {"take_back", "put_back"} else touch.partner_id
    url = reverse(name, args=[key])

    assert client.post(url).url.startswith("/admin/login/")
    client.force_login(viewer)
    assert client.post(url).url == reverse("wagtailadmin_home")
    client.force_login(owner)
    assert client.get(url).status_code == 405


def test_it_is_done_with_one_tap_and_undone_with_another(at_desk, todo):
    response = at_desk.post(reverse("complete", args=[todo.pk]))

    assert "Done: Call Sam." in said(response)
    assert reverse("reopen", args=[todo.pk]) in said(response)

    at_desk.post(reverse("reopen", args=[todo.pk]))
    assert FollowUp.objects.open().get() == todo


def test_it_goes_back_to_where_the_tap_came_from(at_desk, todo):
    url = reverse("complete", args=[todo.pk])

    assert at_desk.post(url, {"next": "/admin/"}).url == "/admin/"
    assert at_desk.post(url, {"next": "https://elsewhere.example.com/"}).url == todo.partner.get_absolute_url()


def test_it_says_so_when_it_was_done_already(at_desk, todo, owner):
    complete(todo, by=owner)

    assert "not open any more" in said(at_desk.post(reverse("complete", args=[todo.pk])))


def test_it_is_snoozed_by_days_and_put_back(at_desk, todo):
    was = todo.due_on

    response = at_desk.post(reverse("snooze", args=[todo.pk]), {"days": "7"})
    todo.refresh_from_db()
    assert todo.due_on == was + timedelta(days=7)
    assert todo.snoozes == 1
    assert reverse("unsnooze", args=[todo.pk]) in said(response)
    assert f'name="on" value="{was.isoformat()}"' in said(response)

    at_desk.post(reverse("unsnooze", args=[todo.pk]), {"on": was.isoformat()})
    todo.refresh_from_db()
    assert (todo.due_on, todo.snoozes) == (was, 0)


def test_it_says_how_often_it_was_put_off(at_desk, todo):
    for days in ("1", "3"):
        response = at_desk.post(reverse("snooze", args=[todo.pk]), {"days": days})

    assert "It was put off twice." in said(response)
    assert "put off twice" in at_desk.get(todo.partner.get_absolute_url()).content.decode()


def test_it_is_moved_to_a_day_that_is_one(at_desk, todo):
    assert "This is not a day." in said(at_desk.post(reverse("put_due", args=[todo.pk]), {"on": "tomorrow"}))

    at_desk.post(reverse("put_due", args=[todo.pk]), {"on": "2031-05-06"})
    todo.refresh_from_db()
    assert todo.due_on == date(2031, 5, 6)


def test_it_asks_what_is_next_where_it_says_done(at_desk, todo):
    response = at_desk.post(reverse("complete", args=[todo.pk]))
    assert reverse("next_step", args=[todo.pk]) in said(response)

    answer = {"next_step": "Send the guide", "days": "7", "once": "6a0e3a2e"}
    for _ in range(2):
        response = at_desk.post(reverse("next_step", args=[todo.pk]), answer)
    promised = FollowUp.objects.open().get()
    assert (promised.title, promised.due_on) == ("Send the guide", timezone.localdate() + timedelta(days=7))
    assert reverse("drop", args=[promised.pk]) in said(response)


def test_it_asks_for_words_when_nothing_is_next(at_desk, todo):
    assert "Write what is next" in said(at_desk.post(reverse("next_step", args=[todo.pk]), {"next_step": " "}))


def test_it_is_done_with_words_and_the_next_step_at_once(at_desk, todo):
    answer = {"outcome": "They want a clinic", "next_step": "Propose two dates", "next_on": "2031-05-06"}
    response = at_desk.post(reverse("complete", args=[todo.pk]), answer)

    todo.refresh_from_db()
    assert todo.outcome == "They want a clinic"
    assert FollowUp.objects.open().get().due_on == date(2031, 5, 6)
    assert reverse("next_step", args=[todo.pk]) not in said(response)


def test_it_promises_nothing_next_when_it_was_done_already(at_desk, todo, owner):
    complete(todo, by=owner)
    at_desk.post(reverse("complete", args=[todo.pk]), {"next_step": "Propose two dates"})

    assert not FollowUp.objects.open().exists()


def test_it_does_not_ask_what_is_next_where_it_comes_again_by_itself(at_desk, todo):
    FollowUp.objects.update(repeat_days=30)

    response = at_desk.post(reverse("complete", args=[todo.pk]))
    assert reverse("next_step", args=[todo.pk]) not in said(response)


def test_it_has_a_page_of_its_own_for_a_thumb(at_desk, client, todo):
    page = at_desk.get(reverse("todo", args=[todo.pk])).content.decode()

    for name in ("complete", "snooze", "drop"):
        assert reverse(name, args=[todo.pk]) in page


def test_it_says_on_its_page_what_became_of_it(at_desk, todo, owner):
    complete(todo, by=owner, outcome="Left a message")
    assert "Left a message" in at_desk.get(reverse("todo", args=[todo.pk])).content.decode()

    FollowUp.objects.update(done_at=None, taken_back_at=timezone.now())
    assert reverse("pick_up", args=[todo.pk]) in at_desk.get(reverse("todo", args=[todo.pk])).content.decode()


def test_it_shows_its_page_to_a_viewer_without_buttons(client, viewer, todo):
    assert client.get(reverse("todo", args=[todo.pk])).url.startswith("/admin/login/")
    client.force_login(viewer)

    assert reverse("complete", args=[todo.pk]) not in client.get(reverse("todo", args=[todo.pk])).content.decode()


@pytest.mark.parametrize("until", ["2020-01-01", "2020-13-45", "soon"])
def test_it_is_never_snoozed_to_a_day_that_makes_no_sense(at_desk, todo, until):
    at_desk.post(reverse("snooze", args=[todo.pk]), {"until": until})
    todo.refresh_from_db()

    assert todo.due_on in {timezone.localdate(), timezone.localdate() + timedelta(days=1)}


def test_it_reminds_of_a_quiet_partner_and_drops_that_again(at_desk, quiet_gym):
    response = at_desk.post(reverse("remind", args=[quiet_gym.pk]), {"days": "7"})
    todo = quiet_gym.follow_ups.get()
    assert todo.due_on == timezone.localdate() + timedelta(days=7)
    assert reverse("drop", args=[todo.pk]) in said(response)

    response = at_desk.post(reverse("drop", args=[todo.pk]))
    assert not FollowUp.objects.open().exists()

    assert reverse("pick_up", args=[todo.pk]) in said(response)
    at_desk.post(reverse("pick_up", args=[todo.pk]))
    assert FollowUp.objects.open().get() == todo
    assert "was not dropped" in said(at_desk.post(reverse("pick_up", args=[todo.pk])))


def test_it_drops_only_what_is_open(at_desk, todo, owner):
    drop(todo, by=owner)

    assert "not open any more" in said(at_desk.post(reverse("drop", args=[todo.pk])))


def test_it_takes_a_touch_back_and_puts_it_back(at_desk, touch):
    at_desk.post(reverse("take_back", args=[touch.pk]))
    assert touch not in Touch.objects.standing()
    assert "already" in said(at_desk.post(reverse("take_back", args=[touch.pk])))

    at_desk.post(reverse("put_back", args=[touch.pk]))
    assert touch in Touch.objects.standing()
    assert "still stands" in said(at_desk.post(reverse("put_back", args=[touch.pk])))


def test_it_archives_a_partner_and_brings_it_back(at_desk, quiet_gym):
    response = at_desk.post(reverse("archive_partner", args=[quiet_gym.pk]))
    assert quiet_gym not in Partner.objects.current()
    assert "Bring it back" in said(response)

    at_desk.post(reverse("restore_partner", args=[quiet_gym.pk]))
    assert quiet_gym in Partner.objects.current()


def test_it_adds_the_contact_we_have_when_the_address_is_known(at_desk, quiet_gym, physician):
    ada = physician.roles.get().contact

    at_desk.post(
        reverse("add_person", args=[quiet_gym.pk]),
        {"name": "Ada", "email": "ADA@okafor.example.com", "title": "Member"},
    )

    assert quiet_gym.roles.get().contact == ada
    assert quiet_gym.roles.get().title == "Member"


def test_it_keeps_one_main_person(at_desk, physician):
    url = reverse("add_person", args=[physician.pk])

    at_desk.post(url, {"name": "Ben", "email": "ben@okafor.example.com", "is_primary": "on"})

    assert [role.contact.name for role in physician.roles.filter(is_primary=True)] == ["Ben"]


def test_it_adds_a_person_without_an_address_once(at_desk, quiet_gym):
    for _ in range(2):
        at_desk.post(reverse("add_person", args=[quiet_gym.pk]), {"name": "Sam", "phone": "613 555 0100"})

    assert quiet_gym.roles.count() == 1


def test_it_says_what_is_wrong_with_a_person(at_desk, quiet_gym):
    response = at_desk.post(reverse("add_person", args=[quiet_gym.pk]), {"name": "", "email": "sam@"})

    assert "This field is required." in response.content.decode()
    assert not quiet_gym.roles.exists()


def test_it_removes_a_person_and_says_how_to_undo(at_desk, physician):
    role = physician.roles.get()

    response = at_desk.post(reverse("remove_person", args=[role.pk]))

    assert not Role.objects.exists()
    assert 'name="is_healthcare_provider" value="on"' in said(response)
    assert role.contact.name in said(response)


def test_it_keeps_markup_in_a_name_from_becoming_markup(at_desk, todo):
    FollowUp.objects.update(title="<b>Call</b>")

    assert "&lt;b&gt;Call" in said(at_desk.post(reverse("complete", args=[todo.pk])))
