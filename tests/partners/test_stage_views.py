"""The page of stages, the move, and its undo."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from partners.actions import move_stage
from partners.models import Partner, Stage

pytestmark = pytest.mark.django_db

BOARD = {"HTTP_ACCEPT": "application/json"}


def text(response) -> str:
    return response.content.decode()


def move(client, partner: Partner, **fields):
    headers = fields.pop("headers", {})
    return client.post(reverse("move_partner", args=[partner.pk]), fields, **headers)


def said(response, client) -> str:
    return text(client.get(response.url)) if response.status_code == 302 else text(response)


def test_it_shows_where_a_partner_may_go_and_what_each_stage_asks(at_desk, quiet_gym):
    page = text(at_desk.get(reverse("partner_stages", args=[quiet_gym.pk])))

    assert "5 referrals: 0 so far." in page
    assert "Not a fit" in page
    assert 'aria-label="Move to Active"' not in page


def test_it_shows_only_the_rests_where_a_card_was_dropped_on_them(at_desk, quiet_gym):
    page = text(at_desk.get(reverse("partner_stages", args=[quiet_gym.pk]), {"to": "resting"}, HTTP_X_BOARD="1"))

    assert "Champion" not in page
    assert "Paused" in page
    assert "<html" not in page


def test_it_needs_permission_and_writes_nothing_by_looking(client, viewer, quiet_gym):
    url = reverse("partner_stages", args=[quiet_gym.pk])
    assert client.get(url).url.startswith("/admin/login/")
    client.force_login(viewer)
    assert client.get(url).url == reverse("wagtailadmin_home")
    assert client.post(url).url == reverse("wagtailadmin_home")


def test_it_moves_a_partner_and_undoes_it(at_desk, quiet_gym):
    since = quiet_gym.stage_changed_at
    page = said(move(at_desk, quiet_gym, to="conversation", seen="active"), at_desk)
    assert "moved from Active to Conversation." in page

    fields = {"to": "active", "seen": "conversation", "since": since.isoformat()}
    at_desk.post(reverse("unmove_partner", args=[quiet_gym.pk]), fields)
    quiet_gym.refresh_from_db()
    assert (quiet_gym.stage, quiet_gym.stage_changed_at) == (Stage.ACTIVE, since)


@pytest.mark.parametrize(
    "fields", [{}, {"to": "active"}, {"to": "active", "seen": "active", "since": "yesterday"}, {"to": "x", "seen": "y"}]
)
def test_it_undoes_nothing_that_makes_no_sense(at_desk, quiet_gym, fields):
    response = at_desk.post(reverse("unmove_partner", args=[quiet_gym.pk]), fields)

    assert "Choose one of the stages" in said(response, at_desk)


def test_it_says_what_is_missing_and_lets_the_owner_through(at_desk, quiet_gym):
    response = move(at_desk, quiet_gym, to="champion")
    assert response.status_code == 422
    assert "5 referrals: 0 so far." in text(response)
    quiet_gym.refresh_from_db()
    assert quiet_gym.stage == Stage.ACTIVE

    move(at_desk, quiet_gym, to="champion", let_through="They speak of us everywhere.")
    quiet_gym.refresh_from_db()
    assert quiet_gym.stage == Stage.CHAMPION


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"to": "nowhere"}, "Choose one of the stages"),
        ({"to": "not_a_fit"}, "Say why this partner is not a fit"),
        ({"to": "not_a_fit", "because": "other"}, "Say why this partner is not a fit"),
        ({"to": "paused", "reason": "Rebuilding", "until": "2001-01-01"}, "Say until when"),
        ({"to": "paused", "until": "soon"}, "Say until when"),
        ({"to": "dormant"}, "Write down why this partner rests"),
    ],
)
def test_it_refuses_with_a_sentence_and_keeps_what_was_typed(at_desk, quiet_gym, fields, sentence):
    response = move(at_desk, quiet_gym, **fields)

    assert response.status_code == 422
    assert sentence in text(response)
    assert fields.get("reason", "") in text(response)
    quiet_gym.refresh_from_db()
    assert quiet_gym.stage == Stage.ACTIVE


def test_it_moves_to_each_rest(at_desk, quiet_gym):
    until = timezone.localdate() + timedelta(days=30)
    move(at_desk, quiet_gym, to="paused", until=until.isoformat())
    move(at_desk, quiet_gym, to="dormant", reason="They rebuild")
    move(at_desk, quiet_gym, to="not_a_fit", because="wants_kickback")
    quiet_gym.refresh_from_db()

    assert (quiet_gym.stage, quiet_gym.not_a_fit_because) == ("not_a_fit", "wants_kickback")
    assert quiet_gym.paused_until is None


def test_it_moves_no_card_that_somebody_moved_in_the_meantime(at_desk, quiet_gym, assistant):
    move_stage(Partner.objects.get(pk=quiet_gym.pk), to=Stage.CONVERSATION, by=assistant)

    response = move(at_desk, quiet_gym, to="giving_value", seen="active", headers=BOARD)

    assert response.status_code == 422
    assert "Somebody moved this partner" in response.json()["sentence"]
    quiet_gym.refresh_from_db()
    assert quiet_gym.stage == Stage.CONVERSATION


def test_it_answers_a_board_with_an_undo(at_desk, quiet_gym):
    answer = move(at_desk, quiet_gym, to="conversation", seen="active", headers=BOARD).json()

    assert "moved from Active to Conversation." in answer["said"]
    assert reverse("unmove_partner", args=[quiet_gym.pk]) in answer["said"]


def test_it_answers_a_board_with_what_is_missing(at_desk, quiet_gym):
    response = move(at_desk, quiet_gym, to="champion", headers=BOARD)

    assert response.status_code == 422
    assert 'name="let_through"' in response.json()["sheet"]


def test_it_refuses_a_viewers_card_in_words(client, viewer, quiet_gym):
    client.force_login(viewer)

    response = move(client, quiet_gym, to="conversation", headers=BOARD)

    assert response.status_code == 403
    assert response.json()["sentence"] == "You may look at partners, not move them."
