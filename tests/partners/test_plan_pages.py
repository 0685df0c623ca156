from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from partners.actions import begin_plan, complete
from partners.models import FollowUp, Plan, PlanStep

pytestmark = pytest.mark.django_db

ONCE = "6a0e3a2e-61a5-4d4c-9a9b-5a8f0b1c2d3e"


@pytest.fixture
def plan(db) -> Plan:
    return Plan.objects.get(trigger="first_referral")


@pytest.fixture
def steps(plan, quiet_gym, owner) -> list[FollowUp]:
    return begin_plan(plan, partner=quiet_gym, from_day=timezone.localdate(), key="r1", by=owner)


def said(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def address(name: str, partner, plan) -> str:
    return reverse(name, args=[partner.pk, plan.pk] if name == "begin_plan" else [partner.pk])


@pytest.mark.parametrize("name", ["begin_plan", "stop_plan", "resume_plan"])
def test_it_needs_a_login_and_permission(client, viewer, quiet_gym, plan, name):
    url = address(name, quiet_gym, plan)

    assert client.post(url).url.startswith("/admin/login/")
    client.force_login(viewer)
    assert client.post(url).url == reverse("wagtailadmin_home")


@pytest.mark.parametrize("name", ["stop_plan", "resume_plan"])
def test_it_never_changes_anything_by_a_get(at_desk, quiet_gym, plan, name):
    assert at_desk.get(address(name, quiet_gym, plan)).status_code == 405


def test_it_refuses_the_wrong_method(at_desk, quiet_gym, plan):
    assert at_desk.delete(address("begin_plan", quiet_gym, plan)).status_code == 405


def test_it_shows_the_days_before_it_begins(at_desk, quiet_gym, plan):
    response = at_desk.get(address("begin_plan", quiet_gym, plan), {"from": "2027-03-01"})

    assert [str(due_on) for _step, due_on in response.context["days"]] == [
        "2027-03-03", "2027-03-08", "2027-03-31", "2027-04-30",
    ]  # fmt: skip
    assert "Send a handwritten card" in response.content.decode()
    assert not FollowUp.objects.exists()


def test_it_says_when_that_is_not_a_day(at_desk, quiet_gym, plan):
    assert "This is not a day." in said(at_desk.get(address("begin_plan", quiet_gym, plan), {"from": "2027-02-31"}))


def test_it_begins_once_however_often_the_form_is_sent(at_desk, quiet_gym, plan):
    for _ in range(2):
        response = at_desk.post(address("begin_plan", quiet_gym, plan), {"from": "2027-03-01", "once": ONCE})

    assert response.url == quiet_gym.get_absolute_url()
    assert "First referral has begun: 4 to dos for Ironworks Gym." in said(response)
    assert FollowUp.objects.count() == 4


@pytest.mark.parametrize("once", ["", "nonsense"])
def test_it_begins_nothing_without_its_form(at_desk, quiet_gym, plan, once):
    at_desk.post(address("begin_plan", quiet_gym, plan), {"from": "2027-03-01", "once": once})

    assert not FollowUp.objects.exists()


def test_it_does_not_begin_a_plan_that_is_switched_off(at_desk, quiet_gym, plan):
    Plan.objects.update(is_on=False)

    assert at_desk.get(address("begin_plan", quiet_gym, plan)).status_code == 404


def test_it_stops_and_goes_on(at_desk, quiet_gym, plan, steps):
    run = {"run": steps[0].run}

    response = at_desk.post(address("stop_plan", quiet_gym, plan), run)
    assert "Stopped: 4 to dos were dropped." in said(response)
    assert f'name="run" value="{steps[0].run}"' in said(response)
    assert not FollowUp.objects.open().exists()

    assert "The plan goes on." in said(at_desk.post(address("resume_plan", quiet_gym, plan), run))
    assert FollowUp.objects.open().count() == 4


@pytest.mark.parametrize(("name", "words"), [("stop_plan", "Nothing of this plan"), ("resume_plan", "was not stopped")])
def test_it_says_why_not(at_desk, quiet_gym, plan, name, words):
    assert words in said(at_desk.post(address(name, quiet_gym, plan), {"run": "plan:1:no"}))


def test_it_groups_a_plan_on_the_partners_page(at_desk, quiet_gym, steps, owner):
    complete(steps[0], by=owner)

    page = at_desk.get(quiet_gym.get_absolute_url())
    (run,) = page.context["runs"]

    assert (run.name, run.step, run.step.place, run.total) == ("First referral", steps[1], 2, 4)
    assert "step 2 of 4" in page.content.decode()
    assert list(page.context["todos"]) == []


def test_it_lets_a_plan_be_begun_from_the_partners_page(at_desk, quiet_gym, plan):
    assert address("begin_plan", quiet_gym, plan) in at_desk.get(quiet_gym.get_absolute_url()).content.decode()


def test_it_gives_a_viewer_nothing_to_begin_or_stop(client, viewer, quiet_gym, plan, steps):
    client.force_login(viewer)
    page = client.get(quiet_gym.get_absolute_url()).content.decode()

    assert address("begin_plan", quiet_gym, plan) not in page
    assert address("stop_plan", quiet_gym, plan) not in page
    assert "step 1 of 4" in page


def test_it_lists_the_plans(at_desk):
    page = at_desk.get(reverse("plans:index")).content.decode()

    assert "First referral" in page
    assert "Getting to know them" in page


def test_it_previews_the_days_on_the_plans_own_page(at_desk, plan):
    page = at_desk.get(reverse("plans:edit", args=[plan.pk])).content.decode()

    assert "60 days after" in page


def form(plan: Plan, steps: list[tuple[str, int]], **fields) -> dict:
    kept = list(plan.steps.all()) if plan.pk else []
    data = {
        "name": plan.name, "trigger": plan.trigger, "is_on": "on", "steps-TOTAL_FORMS": len(steps),
        "steps-INITIAL_FORMS": len(kept), "steps-MIN_NUM_FORMS": 1, "steps-MAX_NUM_FORMS": 1000, **fields,
    }  # fmt: skip
    for place, (title, days) in enumerate(steps):
        pk = kept[place].pk if place < len(kept) else ""
        data |= {f"steps-{place}-title": title, f"steps-{place}-days": days, f"steps-{place}-id": pk}
    return data


def test_it_is_edited_with_its_steps(at_desk, plan):
    steps = [(step.title, step.days) for step in plan.steps.all()]
    data = form(plan, [("Send a card by hand", 1), *steps[1:], ("Have lunch", 90)])

    at_desk.post(reverse("plans:edit", args=[plan.pk]), data)

    assert list(PlanStep.objects.filter(plan=plan).values_list("days", flat=True)) == [1, 7, 30, 60, 90]


def test_it_keeps_what_was_begun_when_a_step_is_deleted(at_desk, plan, steps):
    data = form(plan, [(step.title, step.days) for step in plan.steps.all()])
    at_desk.post(reverse("plans:edit", args=[plan.pk]), {**data, "steps-0-DELETE": "on"})

    steps[0].refresh_from_db()
    assert (steps[0].step, steps[0].place) == (None, 1)
    assert PlanStep.objects.filter(plan=plan).count() == 3


def test_it_lets_one_plan_begin_with_each_occasion(at_desk, plan):
    data = form(Plan(name="Another", trigger="first_referral"), [("Call", 1)])
    response = at_desk.post(reverse("plans:add"), data)

    assert "Another plan already begins with this." in response.content.decode()
    assert at_desk.post(reverse("plans:add"), {**data, "trigger": "by_hand"}).status_code == 302


def test_it_counts_days_that_have_passed_as_today(plan):
    today = timezone.localdate()
    step = PlanStep(plan=plan, title="Propose", days=-56)

    assert step.due_on(today, today) == today
    assert step.due_on(today + timedelta(days=60), today) == today + timedelta(days=4)
    assert step.when == "56 days before"
