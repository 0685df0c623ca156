from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Audience, Broadcast, Letter
from partners.actions import complete, follow_up
from partners.models import Partner, Referral, Stage, Touch
from workshops.models import Workshop

pytestmark = pytest.mark.django_db

URL = "/admin/"


@pytest.fixture(autouse=True)
def _in_the_practices_zone():
    with timezone.override("America/Toronto"):
        yield


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
    assert rows == {"overdue": ["late"], "due": ["now"], "coming": ["soon"]}


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

    weeks = at_desk.get(URL).context["weeks"]

    assert [week.touches for week in weeks] == [0] * 9 + [1, 0, 0]
    assert [week.referrals for week in weeks] == [0] * 9 + [1, 0, 0]


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
    assert "and 93 more" in page


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
