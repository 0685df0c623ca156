import pytest
from django.urls import reverse

from partners import fit
from partners.models import FIT_PARTS, Kind, Partner

pytestmark = pytest.mark.django_db
WELL = {"fit_audience": 30, "fit_cash": 13, "fit_benefit": 13, "fit_distance": 10, "fit_warmth": 0}


@pytest.fixture
def studio() -> Partner:
    return Partner.objects.create(name="Cedar Yoga", kind=Kind.YOGA_STUDIO)


def test_it_asks_five_questions_worth_30_20_20_15_15():
    assert [answers[0][0] for answers in fit.ANSWERS.values()] == [30, 20, 20, 15, 15]
    assert list(fit.ANSWERS) == list(FIT_PARTS) == list(fit.QUESTIONS)
    assert all(answers[-1][0] == 0 for answers in fit.ANSWERS.values())


@pytest.mark.parametrize(("warmth", "score", "is_for_later"), [(0, 59, True), (1, 60, False)])
def test_it_says_for_later_below_60(studio, warmth, score, is_for_later):
    for name, points in {**WELL, "fit_audience": 23, "fit_warmth": warmth}.items():
        setattr(studio, name, points)

    judged = fit.of(studio)

    assert (judged.score, judged.is_for_later) == (score, is_for_later)
    assert ("For later" in judged.sentence) is is_for_later


def test_it_has_no_score_until_every_question_is_answered(studio):
    for name in list(FIT_PARTS)[:4]:
        setattr(studio, name, 10)

    assert fit.of(studio).score is None
    assert fit.of(studio).sentence == "Not judged yet: one question is open."


@pytest.mark.parametrize(("kind", "cash"), [(Kind.DPC_PHYSICIAN, 20), (Kind.GYM, None)])
def test_it_begins_with_cash_for_direct_primary_care(kind, cash):
    assert fit.beginning(Partner(name="A", kind=kind))["fit_cash"] == cash


@pytest.mark.parametrize(("points", "answer"), [(30, 30), (27, 30), (24, 20), (17, 20), (3, 0)])
def test_it_shows_points_from_elsewhere_as_the_nearest_answer(points, answer):
    assert fit.nearest("fit_audience", points) == answer


def test_it_is_judged_with_five_taps_and_taken_back_with_one(at_desk, studio):
    page = at_desk.post(reverse("judge_fit", args=[studio.pk]), WELL, follow=True).content.decode()

    studio.refresh_from_db()
    assert studio.fit == 66
    assert "Cedar Yoga: 66 of 100. Worth courting." in page
    at_desk.post(reverse("judge_fit", args=[studio.pk]), dict.fromkeys(WELL, ""))
    studio.refresh_from_db()
    assert studio.fit is None


def test_it_takes_only_its_own_answers(at_desk, studio):
    page = at_desk.post(reverse("judge_fit", args=[studio.pk]), {**WELL, "fit_cash": 19}, follow=True)

    assert "Choose one of the answers for each question." in page.content.decode()
    studio.refresh_from_db()
    assert studio.fit_cash is None


def test_it_guards_the_judgement(client, viewer, at_desk, studio):
    url = reverse("judge_fit", args=[studio.pk])
    assert at_desk.get(url).status_code == 405
    client.logout()
    assert client.post(url, WELL).url.startswith("/admin/login/")
    client.force_login(viewer)
    assert client.post(url, WELL).url == reverse("wagtailadmin_home")
