"""From a proposal to a draft, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from partners.actions import follow_up
from partners.models import FollowUp
from tests.workshops.conftest import make_workshop
from workshops.models import Topic, Workshop
from workshops.proposing import propose

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, owner, practice):
    client.force_login(owner)
    return client


@pytest.fixture
def held(practice, quiet_gym) -> Workshop:
    return make_workshop(host=quiet_gym, starts_at=timezone.now() - timedelta(days=10), state="held")


@pytest.fixture
def address(held) -> str:
    return reverse("workshops:propose", args=[held.host_id])


def choose(office, address, held, **more):
    return office.post(address, {"starts_at": propose(held.host).suits[0].starts_at.isoformat(), **more}, follow=True)


def test_it_makes_a_draft_of_the_date_that_is_chosen(office, address, held):
    best = propose(held.host).suits[0]
    response = choose(office, address, held)
    draft = Workshop.objects.get(follows=held)

    assert (draft.state, draft.starts_at, draft.title) == ("draft", best.starts_at, held.title)
    assert response.redirect_chain[-1][0] == reverse("workshops:inspect", args=[draft.pk])
    assert "A draft for" in response.text
    assert "Before and after" in response.text


def test_it_undoes_the_draft(office, address, held):
    choose(office, address, held)
    draft = Workshop.objects.get(follows=held)
    response = office.post(reverse("workshops:take_back", args=[draft.pk]), follow=True)

    assert not Workshop.objects.filter(pk=draft.pk).exists()
    assert not FollowUp.objects.open().exists()
    assert "is gone" in response.text


def test_it_keeps_a_workshop_that_was_published_meanwhile(office, address, held):
    choose(office, address, held)
    Workshop.objects.filter(follows=held).update(state="open")
    draft = Workshop.objects.get(follows=held)
    response = office.post(reverse("workshops:take_back", args=[draft.pk]), follow=True)

    assert Workshop.objects.filter(pk=draft.pk).exists()
    assert "Only a draft can be deleted" in response.text


@pytest.mark.parametrize("typed", ["", "nonsense", "2027-13-40T25:00:00", "2027-01-04T10:00:00+00:00"])
def test_it_plans_no_date_that_was_not_proposed(office, address, held, typed):
    response = office.post(address, {"starts_at": typed}, follow=True)

    assert "That date is no longer free" in response.text
    assert Workshop.objects.count() == 1


def test_it_shows_another_quarter_on_request(office, address):
    year = timezone.localdate().year + 1
    response = office.get(f"{address}?q={year}-07-01")

    assert response.context["proposal"].quarter.starts_on.isoformat() == f"{year}-07-01"
    assert office.get(f"{address}?q=nonsense").status_code == 200
    assert office.get(f"{address}?q=0001-01-01").status_code == 200


def test_it_says_what_is_planned_in_that_quarter(office, address, held):
    choose(office, address, held)
    draft = Workshop.objects.get(follows=held)

    html = office.get(f"{address}?q={draft.local_start:%Y-%m-%d}").text

    assert "One is planned in that quarter" in html


def test_it_begins_with_a_topic_where_there_was_none(office, physician):
    topic = Topic.objects.create(name="Feet first")
    Topic.objects.create(name="Gone", is_archived=True)
    html = office.get(reverse("workshops:propose", args=[physician.pk])).text

    assert f"?host={physician.pk}&amp;topic={topic.pk}" in html
    assert "Gone" not in html


def test_a_workshop_leads_to_the_proposal_for_its_host(office, held):
    response = office.get(reverse("workshops:propose_after", args=[held.pk]))
    assert response.url == reverse("workshops:propose", args=[held.host_id])

    alone = make_workshop(starts_at=datetime(2026, 3, 3, 15, tzinfo=UTC))
    assert office.get(reverse("workshops:propose_after", args=[alone.pk])).url == reverse(
        "workshops:copy", args=[alone.pk]
    )


def test_a_to_do_about_the_next_one_leads_there(office, held, practice):
    key = f"{FollowUp.NEXT_WORKSHOP}{held.pk}"
    today = timezone.localdate(timezone=practice.zone)
    follow_up(partner=held.host, title="Propose the next one", due_on=today, once_key=key)

    assert reverse("workshops:propose_after", args=[held.pk]) in office.get(reverse("wagtailadmin_home")).text


def test_a_step_of_the_preparation_leads_to_its_workshop(office, address, held):
    choose(office, address, held)
    draft = Workshop.objects.get(follows=held)
    step = FollowUp.objects.open().filter(once_key__contains=f"workshop:{draft.pk}:").order_by("due_on")[0]
    leads_to = reverse("workshop_step", args=[step.pk])

    assert leads_to in office.get(held.host.get_absolute_url()).text
    assert office.get(leads_to).url.startswith(reverse("workshops:inspect", args=[draft.pk]))


@pytest.mark.parametrize("page", ["propose", "propose_after", "take_back"])
def test_it_lets_a_viewer_plan_nothing(client, viewer, held, page):
    client.force_login(viewer)
    pk = held.host_id if page == "propose" else held.pk
    method = client.post if page == "take_back" else client.get

    assert method(reverse(f"workshops:{page}", args=[pk])).status_code == 302
    assert Workshop.objects.count() == 1


def test_it_takes_back_on_post_alone(office, held):
    assert office.get(reverse("workshops:take_back", args=[held.pk])).status_code == 405
