"""The office's screens, with the eyes of each role."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.mail.models import Message
from crm.people.models import Contact
from partners.models import Partner
from tests.workshops.conftest import fill, letters_to, make_workshop
from workshops import actions
from workshops.models import Registration, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, owner):
    client.force_login(owner)
    return client


def sent(workshop: Workshop, **changes) -> dict:
    """The edit form as a browser sends it back."""
    start, end = workshop.local_start, workshop.local_end
    return {
        "title": workshop.title,
        "host": workshop.host_id or "",
        "audience": workshop.audience,
        "day": f"{start:%Y-%m-%d}",
        "starts": f"{start:%H:%M}",
        "ends": f"{end:%H:%M}",
        "time_zone": workshop.time_zone,
        "place": workshop.place,
        "video_url": workshop.video_url,
        "capacity": workshop.capacity,
        "host_seats": workshop.host_seats,
        "summary": workshop.summary,
        "description": workshop.description,
        **({"is_private": "on"} if workshop.is_private else {}),
        **changes,
    }


PAGES = ["index", "add", "edit", "copy", "inspect", "history", "delete", "cancel"]


def address(page: str, workshop: Workshop) -> str:
    return reverse(f"workshops:{page}", args=[] if page in {"index", "add"} else [workshop.pk])


# Who may


@pytest.mark.parametrize("page", [*PAGES, "publish"])
def test_it_needs_a_login(client, workshop, page):
    response = client.get(address(page, workshop))

    assert response.status_code == 302
    assert response.url.startswith("/admin/login/")


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("owner", {*PAGES}),
        ("assistant", {"index", "add", "edit", "copy", "inspect", "history", "cancel"}),
        ("viewer", {"index", "inspect"}),
    ],
)
def test_it_shows_each_role_its_pages(client, workshop, request, role, allowed):
    client.force_login(request.getfixturevalue(role))

    seen = {page for page in PAGES if client.get(address(page, workshop)).status_code == 200}

    assert seen == allowed


@pytest.mark.parametrize("page", ["publish", "cancel", "cancel_registration"])
def test_it_lets_a_viewer_change_nothing(client, viewer, workshop, page):
    (ada,) = fill(workshop, "Ada")
    client.force_login(viewer)

    response = client.post(reverse(f"workshops:{page}", args=[ada.pk if "registration" in page else workshop.pk]))

    assert response.status_code == 302
    assert Workshop.objects.get().state == "open"
    assert Registration.objects.get().state == "confirmed"


def test_it_shows_a_viewer_no_button_that_changes_something(client, viewer, workshop):
    fill(workshop, "Ada")
    client.force_login(viewer)

    html = client.get(address("inspect", workshop)).text

    assert "Ada" in html
    for words in ("Cancel the workshop", ">Edit<", "Copy for another day", "cancel-registration"):
        assert words not in html


def test_it_publishes_on_post_alone(office, workshop):
    assert office.get(address("publish", workshop)).status_code == 405


# The list


def test_it_lists_with_the_same_queries_whatever_their_number(office, practice, queries_of):
    def make(many: int) -> None:
        for host in Partner.objects.bulk_create(Partner(name=f"Gym {n}") for n in range(many)):
            fill(make_workshop(host=host, capacity=1), f"Ada {host.pk}", f"Ben {host.pk}")

    lists = [reverse("workshops:index"), reverse("registrations:index")]
    make(3)
    few = [queries_of(page) for page in lists]
    make(40)
    assert [queries_of(page) for page in lists] == few
    assert max(few) <= 25


def test_it_shows_a_workshop_with_three_or_three_hundred_people_with_the_same_queries(office, practice, queries_of):
    workshop = make_workshop(capacity=200)
    fill(workshop, "Ada", "Ben", "Cleo")
    few = queries_of(address("inspect", workshop))
    people = Contact.objects.bulk_create(Contact(name=f"Person {n}", email=f"p{n}@example.com") for n in range(297))
    Registration.objects.bulk_create(
        Registration(workshop=workshop, contact=contact, name=contact.name, email=contact.email, state=state)
        for contact, state in zip(people, cycle(["confirmed", "waiting", "cancelled"]), strict=False)
    )
    taken = workshop.registrations.confirmed().count()
    Workshop.objects.filter(pk=workshop.pk).update(capacity=taken, seats_taken=taken)

    assert queries_of(address("inspect", workshop)) == few <= 25


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Coming", "Draft", "Past"]),
        ("when=coming", ["Coming", "Draft"]),
        ("when=past", ["Past"]),
        ("state=draft", ["Draft"]),
        ("q=ironworks", ["Coming"]),
        ("q=annex", ["Past"]),
    ],
)
def test_it_filters_and_searches(office, practice, quiet_gym, query, titles):
    make_workshop(title="Coming", host=quiet_gym, place="Ironworks")
    make_workshop(title="Draft", state="draft", place="Somewhere", starts_at=timezone.now() + timedelta(days=9))
    make_workshop(title="Past", place="The Annex", starts_at=timezone.now() - timedelta(days=9))

    response = office.get(f"{reverse('workshops:index')}?{query}")

    assert sorted(workshop.title for workshop in response.context["object_list"]) == titles


def test_it_filters_by_host(office, workshop, quiet_gym):
    make_workshop(title="Elsewhere")

    response = office.get(f"{reverse('workshops:index')}?host={quiet_gym.pk}")

    assert list(response.context["object_list"]) == [workshop]


def test_it_exports_registrations_that_run_nothing_in_a_spreadsheet(office, workshop):
    fill(workshop, "Ada")
    Registration.objects.update(name='=HYPERLINK("https://spam.example")', phone="+1 613 555 0101")

    rows = b"".join(office.get(f"{reverse('registrations:index')}?export=csv").streaming_content).decode()

    assert "'=HYPERLINK" in rows
    assert ",+1 613 555 0101," in rows  # only digits and spaces: nothing a spreadsheet could work out
    assert "\n=" not in rows


def test_it_exports_nothing_to_a_viewer(client, viewer, workshop):
    client.force_login(viewer)

    assert client.get(f"{reverse('registrations:index')}?export=csv").status_code == 302


# Making and copying


def test_it_makes_a_draft_with_an_address_of_its_own(office, practice, quiet_gym):
    draft = sent(make_workshop(host=quiet_gym), title="Strong Ankles!", day="2027-03-20", starts="18:00", ends="19:30")

    for _ in range(2):
        office.post(reverse("workshops:add"), draft)

    first, second = Workshop.objects.filter(title="Strong Ankles!").order_by("pk")
    assert (first.slug, second.slug) == ("strong-ankles-2027-03-20", "strong-ankles-2027-03-20-2")
    assert first.state == "draft"
    assert first.host == quiet_gym
    assert f"{first.local_start:%H:%M %Z}" == "18:00 EDT"


def test_it_fills_in_the_partner_it_was_opened_from(office, practice, quiet_gym):
    quiet_gym.street, quiet_gym.city = "4 Forge Lane", "Ottawa"
    quiet_gym.save()

    response = office.get(f"{reverse('workshops:add')}?host={quiet_gym.pk}")

    form = response.context["form"]
    assert form.instance.host == quiet_gym
    assert form["place"].value() == "Ironworks Gym, 4 Forge Lane, Ottawa"


def test_it_ignores_a_partner_that_does_not_exist(office, practice):
    assert office.get(f"{reverse('workshops:add')}?host=no").status_code == 200
    assert office.get(f"{reverse('workshops:add')}?host=99999999").status_code == 200


def test_it_chooses_the_host_from_the_partners(office, practice):
    html = office.get(reverse("workshops:add")).text

    assert reverse("partner_chooser:choose") in html


def test_it_copies_everything_but_the_day_and_the_people(office, workshop):
    fill(workshop, "Ada", "Ben", "Cleo")

    form = office.get(address("copy", workshop)).context["form"]

    assert (form["title"].value(), form["capacity"].value(), form["day"].value()) == (workshop.title, 2, None)
    assert (form.instance.pk, form.instance.seats_taken, form.instance.state) == (None, 0, "draft")
    office.post(reverse("workshops:add"), sent(workshop, day="2027-06-01"))
    copy = Workshop.objects.latest("pk")
    assert (copy.seats_taken, copy.registrations.count(), copy.state) == (0, 0, "draft")
    assert copy.uid != workshop.uid


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"day": "2027-03-14", "starts": "02:30", "ends": "03:30"}, "starts", "does not exist"),
        ({"day": "2027-11-07", "starts": "01:30", "ends": "02:30"}, "starts", "happens twice"),
        ({"starts": "18:00", "ends": "17:00"}, "ends", "A workshop ends after it starts."),
        ({"starts": "08:00", "ends": "16:30"}, "ends", "A workshop lasts at most 8 hours."),
        ({"capacity": "0"}, "capacity", "A workshop needs at least one seat."),
    ],
)
def test_it_refuses_what_cannot_be_with_a_sentence(office, workshop, typed, field, sentence):
    response = office.post(reverse("workshops:add"), sent(workshop, title="Kept words", **typed))

    form = response.context["form"]
    assert sentence in form.errors[field][0]
    assert form["title"].value() == "Kept words"
    assert not Workshop.objects.filter(title="Kept words").exists()


@pytest.mark.parametrize(("turn", "offset"), [("first", "EDT"), ("second", "EST")])
def test_it_takes_the_repeated_hour_that_was_chosen(office, workshop, turn, offset):
    night = {"day": "2027-11-07", "starts": "01:15", "ends": "01:45"}

    response = office.post(reverse("workshops:add"), sent(workshop, title="Night", **night))
    assert "turn" in response.context["form"].fields
    office.post(reverse("workshops:add"), sent(workshop, title="Night", turn=turn, **night))

    made = Workshop.objects.get(title="Night")
    assert f"{made.local_start:%H:%M %Z}" == f"01:15 {offset}"
    form = office.get(address("edit", made)).context["form"]
    assert form["turn"].value() == turn


# Changing


def test_it_says_how_many_are_told_before_they_are(office, workshop):
    fill(workshop, "Ada", "Ben", "Cleo")

    html = office.get(address("edit", workshop)).text

    assert "2 people have a seat and 1 waits." in html
    assert "all 3 are told by e-mail" in html


def test_it_moves_through_the_action_so_that_invites_follow(office, workshop):
    (ada,) = fill(workshop, "Ada")

    response = office.post(address("edit", workshop), sent(workshop, place="The Annex"), follow=True)

    assert "1 person is being told of the change." in response.text
    ada.invite.refresh_from_db()
    assert ada.invite.sequence == 1
    assert letters_to(ada)[-1].calendar_method == "REQUEST"


def test_it_changes_words_quietly(office, workshop):
    fill(workshop, "Ada")

    office.post(address("edit", workshop), sent(workshop, description="Other words."))

    assert Workshop.objects.get().description == "Other words."
    assert Message.objects.count() == 1


def test_it_says_who_a_workshop_is_for_and_tells_nobody(office, workshop):
    fill(workshop, "Ada")

    office.post(address("edit", workshop), sent(workshop, audience="staff", is_private="on"))

    workshop.refresh_from_db()
    assert (workshop.audience, workshop.is_private, workshop.revision) == ("staff", True, 0)
    assert Message.objects.count() == 1


def test_it_tells_people_of_another_video_link(office, workshop):
    (ada,) = fill(workshop, "Ada")

    office.post(address("edit", workshop), sent(workshop, place="", video_url="https://meet.example.com/knees"))

    workshop.refresh_from_db()
    assert (workshop.place, workshop.video_url) == ("", "https://meet.example.com/knees")
    assert len(letters_to(ada)) == 2


def test_it_wants_a_place_or_a_video_link(office, workshop):
    response = office.post(address("edit", workshop), sent(workshop, place="", video_url=""))

    assert "Say where it is: a place, or a video link." in response.content.decode()


def test_it_never_overwrites_a_seat_taken_while_the_form_was_open(office, workshop):
    form_as_shown = sent(workshop, summary="New summary.")
    fill(workshop, "Ada", "Ben")

    office.post(address("edit", workshop), form_as_shown)

    workshop.refresh_from_db()
    assert (workshop.seats_taken, workshop.summary, workshop.state) == (2, "New summary.", "open")


def test_it_gives_more_seats_to_the_waiting_list(office, workshop):
    fill(workshop, "Ada", "Ben", "Cleo")

    response = office.post(address("edit", workshop), sent(workshop, capacity=3), follow=True)

    assert "Moved up from the waiting list: Cleo." in response.text


def test_it_refuses_fewer_seats_than_are_taken(office, workshop):
    fill(workshop, "Ada", "Ben")

    response = office.post(address("edit", workshop), sent(workshop, capacity=1))

    assert "2 people hold a seat" in response.text
    assert Workshop.objects.get().capacity == 2


def test_it_refuses_to_move_what_is_over_and_keeps_the_form(office, practice):
    past = make_workshop(starts_at=(timezone.now() - timedelta(days=9)).replace(hour=16))

    response = office.post(address("edit", past), sent(past, place="Elsewhere", summary="Kept"))

    assert response.status_code == 200
    assert "has already begun" in response.text
    assert response.context["form"]["summary"].value() == "Kept"
    past.refresh_from_db()
    assert past.place != "Elsewhere"
    assert past.summary != "Kept"


def test_it_lets_the_words_of_a_past_workshop_be_changed(office, practice):
    past = make_workshop(starts_at=(timezone.now() - timedelta(days=9)).replace(hour=16))

    office.post(address("edit", past), sent(past, description="It was full."))

    past.refresh_from_db()
    assert past.description == "It was full."


# The workshop's page


def test_it_publishes_a_draft(office, practice):
    draft = make_workshop(state="draft")

    response = office.post(address("publish", draft), follow=True)

    assert "Published." in response.text
    assert office.get(draft.get_absolute_url()).status_code == 200


def test_it_shows_who_has_a_seat_and_who_waits(office, workshop):
    fill(workshop, "Ada", "Ben", "Cleo")

    html = office.get(address("inspect", workshop)).text

    assert html.index("Who has a seat") < html.index("Ada") < html.index("Waiting list") < html.index("Cleo")
    assert workshop.get_absolute_url() in html


def test_it_calls_a_workshop_off_with_a_reason(office, workshop):
    fill(workshop, "Ada", "Ben", "Cleo")
    assert "3 people are told by e-mail" in office.get(address("cancel", workshop)).text

    response = office.post(address("cancel", workshop), {"reason": "Snow."}, follow=True)

    assert "3 people are being told." in response.text
    assert "“Snow.”" in response.text
    assert Workshop.objects.get().state == "cancelled"


def test_it_cancels_a_seat_for_somebody_who_called(office, workshop):
    ada, _ben, cleo = fill(workshop, "Ada", "Ben", "Cleo")
    page = reverse("workshops:cancel_registration", args=[ada.pk])
    assert office.get(page).status_code == 200
    assert Registration.objects.confirmed().count() == 2

    office.post(page)

    cleo.refresh_from_db()
    assert cleo.state == "confirmed"


def test_it_deletes_drafts_alone(office, workshop):
    draft = make_workshop(state="draft")

    assert "Only a draft can be deleted." in office.post(address("delete", workshop), follow=True).text
    office.post(address("delete", draft))

    assert list(Workshop.objects.all()) == [workshop]


def test_it_says_so_when_cancelled_meanwhile(office, workshop):
    actions.cancel_workshop(workshop, reason="")

    response = office.post(address("cancel", workshop), {"reason": "Snow."}, follow=True)

    assert "This has already been cancelled." in response.text
