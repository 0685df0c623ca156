from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail import figures
from crm.mail.figures import BOUNCES, COMPLAINTS, Rate
from crm.mail.models import Batch, Lane, Message, Suppression
from tests.mail.happenings import batch, put, report

pytestmark = pytest.mark.django_db
PAGE = "/admin/sending-health/"
State, Fate, End = Message.State, Message.Fate, Batch.Outcome


@pytest.fixture
def at_desk(client, owner):
    client.force_login(owner)
    return client


def test_it_needs_a_login(client):
    assert "/admin/login/" in client.get(PAGE)["Location"]


def test_it_needs_permission(client, viewer):
    client.force_login(viewer)
    assert client.get(PAGE)["Location"] == "/admin/"


def test_it_refuses_the_wrong_method(at_desk):
    assert at_desk.post(PAGE).status_code == 405


def test_it_says_that_nothing_was_sent(at_desk):
    page = at_desk.get(PAGE).text

    assert "Nothing leaves this machine" in page
    assert "Nothing was sent, so there is nothing to say." in page
    assert "None has ever come." in page


def test_it_draws_the_day_hour_by_hour():
    now = timezone.now().replace(minute=30)
    batch(size=40, at=now - timedelta(minutes=1))
    batch(size=10, at=now - timedelta(hours=3))
    batch(End.UNKNOWN, size=99, at=now - timedelta(hours=3))
    batch(size=7, at=now - timedelta(hours=30))

    day = figures.day(now)
    assert len(day.hours) == 24
    assert (day.last.handed_over, day.handed_over) == (40, 50)
    assert (day.last.height, day.hours[-4].height, day.hours[-2].height) == (figures.HIGH, figures.HIGH // 4, 0)


def test_it_counts_what_arrived_and_what_came_back(write):
    for fate in (Fate.DELIVERED, Fate.DELIVERED, Fate.BOUNCED, Fate.DEFERRED):
        report(put(write(), State.HANDED_OVER), fate)

    last = figures.day(timezone.now()).last
    assert (last.delivered, last.failed) == (2, 1)


@pytest.mark.parametrize(
    ("count", "of", "limit", "verdict"),
    [
        (0, 0, COMPLAINTS, "none"),
        (0, 41, COMPLAINTS, "few"),
        (1, 412, COMPLAINTS, "few"),
        (2, 5_000, COMPLAINTS, "good"),
        (12, 5_000, COMPLAINTS, "high"),
        (40, 5_000, COMPLAINTS, "over"),
        (2, 41, BOUNCES, "few"),
        (3, 400, BOUNCES, "good"),
        (16, 400, BOUNCES, "high"),
        (60, 400, BOUNCES, "over"),
    ],
)
def test_it_judges_only_what_the_figures_carry(count, of, limit, verdict):
    assert Rate("Bounced", 7, count, of, limit).verdict == verdict


def test_it_says_that_a_few_are_too_few():
    assert Rate("Bounced", 7, 2, 41, BOUNCES).words == "2 of 41: too few to judge."


def test_it_measures_against_what_a_reporting_provider_took(write):
    now = timezone.now()
    batch(size=500, at=now - timedelta(days=2))
    batch(size=1_500, at=now - timedelta(days=20))
    batch(size=900, at=now, transport="smtp")
    message = put(write(), State.HANDED_OVER)
    for _ in range(2):
        report(message, Fate.BOUNCED, at=now - timedelta(days=1))
    report(put(write(), State.HANDED_OVER), Fate.COMPLAINED, at=now - timedelta(days=12))

    now = timezone.now()
    found = {(rate.name, rate.days): (rate.count, rate.of) for rate in figures.rates(now, figures.sent(now))}
    assert found == {
        ("Marked as spam", 7): (0, 502),
        ("Marked as spam", 30): (1, 2_002),
        ("Bounced", 7): (1, 502),
        ("Bounced", 30): (1, 2_002),
    }


def test_it_says_how_each_way_out_may_be_used(at_desk):
    now = timezone.now()
    Lane.objects.create(transport="sendgrid", slowed_at=now, slowed_to=40.0, reason="SendGrid asked for patience.")
    Lane.objects.create(transport="smtp", paused_until=now + timedelta(minutes=5), reason="It did not answer.")
    Lane.objects.create(
        transport="client", is_stopped=True, reason="Sending has stopped. It does not accept the password."
    )
    Lane.objects.create(transport="local")

    page = at_desk.get(PAGE).text
    assert "Slowed down to 4" in page
    assert "SendGrid asked for patience." in page
    assert "Paused until" in page
    assert "Stopped until somebody mends something. It does not accept the password." in page
    assert "Open, at full speed." in page


def test_it_says_when_reports_stay_away(at_desk, settings):
    settings.SENDGRID_API_KEY, settings.SENDGRID_WEBHOOK_KEY = "SG.key", "a key"
    batch(size=3, at=timezone.now() - timedelta(hours=3))

    assert "no report has come for 3\xa0hours" in at_desk.get(PAGE).text


def test_it_counts_the_addresses_that_were_closed(at_desk):
    now = timezone.now()
    for days in (1, 12, 60):
        Suppression.objects.create(
            email_hash=bytes([days]) * 32, reason="bounced", scope="all", created_at=now - timedelta(days=days)
        )

    closed = figures.closed_addresses(now)
    assert [(row.reason, row.week, row.month) for row in closed] == [("The address does not exist", 1, 2)]
    assert "The address does not exist" in at_desk.get(PAGE).text


def test_it_costs_few_queries_for_any_number(at_desk, write, django_assert_max_num_queries):
    message = put(write(), State.HANDED_OVER)
    with django_assert_max_num_queries(20) as few:
        at_desk.get(PAGE)
    for _ in range(30):
        report(message, Fate.BOUNCED)
        batch()
    with django_assert_max_num_queries(20) as many:
        at_desk.get(PAGE)
    assert len(few) == len(many)
