from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Audience, Broadcast, Letter
from crm.office.today import review_owed, weeks
from partners.actions import complete, follow_up
from partners.models import Partner, Referral, Review, Rhythm, Stage, Touch
from workshops.models import Workshop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("practices_clock")]

URL = "/admin/"


@pytest.fixture
def at_desk(client, owner):
    client.force_login(owner)
    return client


def text(response) -> str:
    return response.content.decode()


def todo(partner, owner, days: int, title: str):
    return follow_up(partner=partner, title=title, due_on=timezone.localdate() + timedelta(days=days), by=owner)


def test_it_is_where_the_office_begins(at_desk):
    assert reverse("wagtailadmin_home") == reverse("today") == URL
    assert "Log a touch" in text(at_desk.get(URL))


def test_it_needs_a_login(client):
    assert client.get(URL).url == "/admin/login/?next=/admin/"


def test_it_needs_permission(client, viewer):
    viewer.groups.get().permissions.remove(Permission.objects.get(codename="access_admin"))
    client.force_login(viewer)

    assert client.get(URL).url.startswith("/admin/login/")


def test_it_refuses_the_wrong_method(at_desk):
    assert at_desk.post(URL).status_code == 405


def test_it_gives_a_viewer_no_buttons(client, viewer, quiet_gym, owner):
    todo(quiet_gym, owner, 0, "Call Sam")
    client.force_login(viewer)

    page = text(client.get(URL))

    assert "Call Sam" in page
    assert reverse("quick_log") not in page.split('class="sheet"')[1]
    assert "<form" not in page.split('class="sheet"')[1]


def test_it_sorts_what_is_promised_by_urgency(at_desk, owner, physician):
    for days, title in [(-3, "late"), (0, "now"), (5, "soon"), (40, "far")]:
        todo(physician, owner, days, title)
    complete(todo(physician, owner, 0, "over"), by=owner)

    context = at_desk.get(URL).context

    rows = {name: [row.title for row in section.rows] for name, section in context["todos"].items()}
    assert rows == {"overdue": ["late"], "due": ["now"], "meetings": [], "coming": ["soon"]}


def test_it_shows_what_matters_most_first(at_desk, owner, physician, quiet_gym):
    now = timezone.now()
    Referral.objects.update(received_at=now - timedelta(hours=50))
    Referral.objects.create(partner=physician, received_at=now - timedelta(hours=3))
    for days in (-1, 0):
        todo(physician, owner, days, "Call")
    near = Partner.objects.create(name="Nearly", stage=Stage.ACTIVE, tier="a")
    Touch.objects.create(partner=near, occurred_at=now - timedelta(days=35))

    page = text(at_desk.get(URL))

    places = [
        page.index(f'id="{part}"') for part in ("thanks-late", "overdue", "due", "thanks", "quiet", "soon", "coming")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(("hours", "is_late"), [(47, False), (49, True)])
def test_it_turns_a_thank_you_red_after_48_hours(at_desk, physician, hours, is_late):
    Referral.objects.update(received_at=timezone.now() - timedelta(hours=hours))

    assert bool(at_desk.get(URL).context["thanks"]["late"].total) is is_late


def test_it_points_at_a_referral_that_nobody_called(at_desk, physician):
    Referral.objects.update(received_at=timezone.now() - timedelta(days=6), thanked_at=timezone.now())

    page = text(at_desk.get(URL))

    assert "Referrals that wait" in page
    assert "not contacted yet" in page


@pytest.mark.parametrize(("days", "band"), [(30, None), (31, "soon"), (45, "soon"), (46, "quiet")])
def test_it_turns_yellow_after_the_ideal_day_and_red_after_the_latest(at_desk, days, band):
    partner = Partner.objects.create(name="Nearly", stage=Stage.ACTIVE, tier="a")
    Touch.objects.create(partner=partner, occurred_at=timezone.now() - timedelta(days=days))

    context = at_desk.get(URL).context

    assert {name for name in ("soon", "quiet") if context[name].total} == ({band} if band else set())


def test_it_lets_a_partner_rest_and_takes_that_back(at_desk, quiet_gym):
    page = text(at_desk.post(reverse("snooze_partner", args=[quiet_gym.pk]), {"days": "3", "next": URL}, follow=True))
    assert "Ironworks Gym rests until" in page
    assert "Nobody has gone quiet." in page

    undone = at_desk.post(reverse("unsnooze_partner", args=[quiet_gym.pk]), {"back_to": "", "next": URL}, follow=True)
    assert "Ironworks Gym is not snoozed any more." in text(undone)
    assert at_desk.get(URL).context["quiet"].total == 1


def test_it_asks_for_a_decision_after_two_snoozes(at_desk, quiet_gym):
    url = reverse("snooze_partner", args=[quiet_gym.pk])
    at_desk.post(url, {"days": "1"})
    assert "next time, decide" in text(at_desk.post(url, {"days": "2", "next": URL}, follow=True))

    Rhythm.objects.update(snoozed_until=None)
    page = text(at_desk.get(URL))
    assert url not in page
    assert "Decide about Ironworks Gym" in page
    assert "twice" in text(at_desk.post(url, {"days": "3", "next": URL}, follow=True))


@pytest.mark.parametrize("name", ["snooze_partner", "unsnooze_partner"])
def test_it_guards_the_rest_of_a_partner(client, viewer, owner, quiet_gym, name):
    url = reverse(name, args=[quiet_gym.pk])
    assert client.post(url).url.startswith("/admin/login/")
    client.force_login(viewer)
    assert client.post(url).url == reverse("wagtailadmin_home")
    client.force_login(owner)
    assert client.get(url).status_code == 405


def test_it_says_when_the_book_is_too_full(at_desk):
    for number in range(11):
        Partner.objects.create(name=f"Gym {number}", stage=Stage.SHOWING_UP)

    assert "You are courting 11 at once" in text(at_desk.get(URL))


def test_it_shows_a_booked_meeting_however_many_to_dos_come_before_it(at_desk, owner, physician):
    for number in range(12):
        todo(physician, owner, 1, f"Call {number}")
    follow_up(
        partner=physician, title="Lunch", due_on=timezone.localdate() + timedelta(days=9), by=owner, is_meeting=True
    )

    assert "Lunch" in text(at_desk.get(URL))


@pytest.mark.parametrize(("day", "is_owed"), [("2026-11-23", True), ("2026-11-24", True), ("2026-11-25", False)])
def test_it_asks_for_the_weekly_review_early_in_the_week(db, day, is_owed):
    today = date.fromisoformat(day)
    found = review_owed(weeks(today), today)

    assert found == (date(2026, 11, 16) if is_owed else None)


def test_it_leads_to_the_review_of_last_week_on_a_monday(at_desk):
    today = timezone.localdate()
    monday = today + timedelta(days=7 - today.weekday())
    noon = timezone.make_aware(datetime.combine(monday, time(12)))

    with time_machine.travel(noon, tick=False):
        page = text(at_desk.get(URL))

    assert f"{reverse('weekly_review')}?week={monday - timedelta(days=7)}" in page


def test_it_does_not_ask_for_a_review_that_was_done(db):
    Review.objects.create(monday=date(2026, 11, 16), decision="Go there.")

    today = date(2026, 11, 23)
    assert review_owed(weeks(today), today) is None


def test_it_names_who_has_gone_quiet(at_desk, quiet_gym):
    page = text(at_desk.get(URL))

    assert "Ironworks Gym" in page
    assert "Free clinic" in page


def test_it_leaves_out_archived_partners(at_desk, quiet_gym):
    Partner.objects.update(archived_at=timezone.now())

    assert "Ironworks Gym" not in text(at_desk.get(URL))


def test_it_shows_workshops_and_letters_that_are_coming(at_desk, physician):
    start = timezone.now() + timedelta(days=3)
    Workshop.objects.create(
        title="Knees that last",
        slug="knees",
        place="Quay 1",
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        state="open",
    )
    letter = Letter.objects.create(name="Autumn news", subject="News")
    Broadcast.objects.create(
        letter=letter, audience=Audience.objects.create(name="All gyms"), state="scheduled", send_at=start
    )

    page = text(at_desk.get(URL))

    assert "Knees that last" in page
    assert "Autumn news" in page
    assert "All gyms" in page


def test_it_says_what_is_not_running(at_desk):
    assert "no worker has reported" in text(at_desk.get(URL))


def test_it_draws_the_last_weeks(at_desk, physician):
    Touch.objects.create(partner=physician, occurred_at=timezone.now() - timedelta(weeks=2))
    Touch.objects.create(partner=physician, occurred_at=timezone.now() - timedelta(weeks=40))
    Referral.objects.update(received_at=timezone.now() - timedelta(weeks=2))

    drawn = at_desk.get(URL).context["weeks"]

    assert [week.touches for week in drawn] == [0] * 9 + [1, 0, 0]
    assert [week.referrals for week in drawn] == [0] * 9 + [1, 0, 0]


def test_it_is_kind_when_nothing_is_to_be_done(at_desk):
    page = text(at_desk.get(URL))

    assert "Nothing is due today." in page
    assert "Nobody has gone quiet." in page


def _fill(size: int, owner) -> None:
    stale, today = timezone.now() - timedelta(days=300), timezone.localdate()
    for number in range(size):
        partner = Partner.objects.create(name=f"Partner {number}", stage=Stage.ACTIVE, created_at=stale)
        quiet = Partner.objects.create(name=f"Quiet {number}", stage=Stage.ACTIVE, created_at=stale)
        Touch.objects.create(partner=quiet, occurred_at=stale, by=owner)
        for days in (-1, 0, 3):
            follow_up(partner=partner, title="Call", due_on=today + timedelta(days=days), by=owner)


def test_it_costs_the_same_for_3_and_300_rows(at_desk, owner, django_assert_max_num_queries):
    at_desk.get(URL)
    _fill(3, owner)
    with django_assert_max_num_queries(20) as few:
        at_desk.get(URL)

    _fill(100, owner)
    with django_assert_max_num_queries(20) as many:
        page = text(at_desk.get(URL))

    assert len(many) == len(few)
    assert "and 95 more" in page


def test_it_asks_for_the_thanks_still_owed(at_desk, physician):
    referral = Referral.objects.get()
    assert "Owed a thank-you" in text(at_desk.get(URL))

    page = text(at_desk.post(f"/admin/referrals/{referral.pk}/thank/", {"next": URL}, follow=True))

    assert f"{physician} is thanked for {referral}." in page
    assert "Owed a thank-you" not in page


def test_it_points_at_a_letter_that_missed_its_time(at_desk):
    letter = Letter.objects.create(name="Autumn news", subject="News")
    everybody = Audience.objects.create(name="All gyms")
    missed = Broadcast.objects.create(letter=letter, audience=everybody, state="missed", send_at=timezone.now())

    page = text(at_desk.get(URL))

    assert "A letter missed its time." in page
    assert missed.get_absolute_url() in page


def test_it_shows_a_new_practice_where_to_begin(at_desk):
    Touch.objects.all().delete()
    Referral.objects.all().delete()
    Partner.objects.all().delete()

    assert "Three steps" in text(at_desk.get(URL))


def test_it_spares_an_old_hand_the_first_steps(at_desk, quiet_gym):
    assert "Three steps" not in text(at_desk.get(URL))
