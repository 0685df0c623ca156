from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from crm.mail.actions import drain, unsubscribe
from crm.mail.letters import draw
from crm.mail.links import token_of
from crm.mail.models import Message, MessageClass, Pause, Reopening, Suppression
from crm.mail.views import MOST_YESES
from crm.people.actions import may_write, record_consent
from crm.people.models import ConsentEvent, Contact, Purpose

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(write) -> Message:
    return write(MessageClass.PARTNER)


@pytest.fixture
def stranger() -> Client:
    return Client(enforce_csrf_checks=True)


def path(message: Message) -> str:
    return f"/p/{token_of(message.pk)}/"


def standing(contact: Contact) -> set[str]:
    return {purpose.value for purpose in Purpose if may_write(contact, purpose=purpose)}


def test_it_shows_what_they_hear_about(letter, stranger):
    page = stranger.get(path(letter))

    assert page.status_code == 200
    assert not page.cookies
    assert page["Referrer-Policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex">' in page.text
    assert "ada@example.com" not in page.text
    assert page.text.count(" checked") == 3  # both topics, and no pause
    assert "Care letters" not in page.text


def test_it_offers_care_letters_to_who_has_them(letter, stranger, ada):
    record_consent(ada, purpose=Purpose.CARE, state=ConsentEvent.State.GRANTED, source="in person")

    assert "Care letters" in stranger.get(path(letter)).text


def test_it_offers_no_partner_letters_to_who_is_no_partner(write, stranger):
    bo = Contact.objects.create(name="Bo", email="bo@example.com")
    page = stranger.get(path(write(contact=bo))).text

    assert "News, workshops and offers" in page
    assert "Partner letters" not in page


def test_it_changes_nothing_when_somebody_only_looks(letter, stranger, ada):
    before = ada.consents.count()

    for ask in (stranger.get, stranger.head):
        assert ask(path(letter)).status_code == 200
    assert ada.consents.count() == before
    assert not Suppression.objects.exists()


def test_it_keeps_one_topic_and_stops_the_other(letter, stranger, ada):
    page = stranger.post(path(letter), {"topics": ["news"], "pause": ""})

    assert standing(ada) == {"news"}
    assert "You hear about “News, workshops and offers”." in page.text
    said = ada.consents.first()
    assert (said.purpose, said.state, said.source) == ("partner", "withdrawn", "preference page")
    assert str(letter.pk) in said.evidence
    assert not Suppression.objects.exists()


def test_it_writes_no_line_for_what_did_not_change(letter, stranger, ada):
    before = ada.consents.count()

    stranger.post(path(letter), {"topics": ["news", "partner"]})
    assert ada.consents.count() == before


def test_it_stops_everything_with_one_button(letter, stranger, ada):
    page = stranger.post(path(letter))

    assert "No more letters go to" in page.text
    assert standing(ada) == set()
    assert Suppression.objects.of("ada@example.com").get().reason == Suppression.Reason.UNSUBSCRIBED


def test_it_can_be_undone(letter, stranger, ada):
    page = stranger.post(path(letter))
    assert '<input type="hidden" name="topics" value="partner">' in page.text

    stranger.post(path(letter), {"topics": ["partner", "news"]})
    assert standing(ada) == {"partner", "news"}
    assert not Suppression.objects.exists()


def test_it_opens_what_their_own_unsubscribe_closed(letter, stranger, ada):
    unsubscribe(letter)
    page = stranger.get(path(letter)).text
    assert "You are unsubscribed and hear nothing from us." in page
    assert page.count(" checked") == 1  # no pause

    stranger.post(path(letter), {"topics": ["news"]})
    assert standing(ada) == {"news"}
    assert not Suppression.objects.exists()
    assert Reopening.objects.get().scope == Suppression.Scope.LETTERS  # so that no old report closes it again


@pytest.mark.parametrize("reason", ["complained", "bounced", "by_hand"])
def test_it_opens_nothing_that_was_closed_for_another_reason(letter, stranger, ada, practice, reason):
    practice.phone = "613 555 0100"
    practice.save()
    unsubscribe(letter)
    Suppression.objects.update(reason=reason)

    for page in (stranger.get(path(letter)), stranger.post(path(letter), {"topics": ["news"]})):
        assert page.status_code == 200
        assert "Call us at" in page.text
        assert "613 555 0100" in page.text
    assert standing(ada) == set()
    assert Suppression.objects.get().reason == reason


def test_it_opens_nothing_while_everything_is_closed(letter, stranger, ada):
    unsubscribe(letter)
    closed = Suppression.objects.get()
    Suppression.objects.create(email_hash=closed.email_hash, scope="all", reason="bounced")

    stranger.post(path(letter), {"topics": ["news"]})
    assert standing(ada) == set()
    assert Suppression.objects.count() == 2


@pytest.mark.parametrize("days", [30, 90])
def test_it_pauses(letter, stranger, ada, days):
    page = stranger.post(path(letter), {"topics": ["news", "partner"], "pause": days})

    assert abs(Pause.objects.get(contact=ada).until - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)
    assert "after a pause until" in page.text
    assert standing(ada) == {"news", "partner"}


def test_it_keeps_a_pause_as_it_is_and_ends_it(letter, stranger, ada):
    until = timezone.now() + timedelta(days=12)
    Pause.objects.create(contact=ada, until=until)
    assert "as you chose" in stranger.get(path(letter)).text

    stranger.post(path(letter), {"topics": ["news", "partner"], "pause": until.isoformat()})
    assert Pause.objects.get().until == until
    stranger.post(path(letter), {"topics": ["news", "partner"], "pause": ""})
    assert not Pause.objects.exists()


@pytest.mark.parametrize(
    "pause", ["9999", "2999-01-01T00:00:00+00:00", "2001-01-01T00:00:00+00:00", "soon", "2026-99-99"]
)
def test_it_knows_no_other_pause(letter, stranger, pause):
    assert stranger.post(path(letter), {"topics": ["news"], "pause": pause}).status_code == 200
    assert not Pause.objects.exists()


def test_it_refuses_a_topic_it_does_not_have(letter, stranger, ada):
    for topic in ("care", "everything"):
        page = stranger.post(path(letter), {"topics": [topic]})

        assert page.status_code == 422
        assert "Nothing was changed." in page.text
    assert standing(ada) == {"news", "partner"}


def test_it_never_refuses_a_no(letter, stranger, ada):
    for _ in range(MOST_YESES + 2):
        stranger.post(path(letter))
        last = stranger.post(path(letter), {"topics": ["news"]})

    assert last.status_code == 429
    assert standing(ada) == set()
    assert stranger.post(path(letter)).status_code == 200


def test_it_offers_a_message_to_no_contact_the_one_choice_there_is(write, stranger):
    letter = write(MessageClass.PARTNER, contact=None, to_email="just@example.com")

    assert "Stop all letters" in stranger.get(path(letter)).text
    unsubscribe(letter)
    assert "Write to me again" in stranger.get(path(letter)).text


def test_it_is_kind_about_an_unknown_link(practice, stranger):
    assert stranger.get("/p/nothing-like-a-token/").status_code == 404
    assert stranger.post("/p/nothing-like-a-token/", {"topics": ["news"]}).status_code == 404


def test_it_refuses_other_methods(letter, stranger):
    assert stranger.delete(path(letter)).status_code == 405


def test_it_is_linked_from_every_letter(practice, write):
    content = draw("letter", {"letter": {"subject": "News"}, "parts": []}, message_class=MessageClass.PARTNER)

    assert "[[preferences_url]]" in content.html
    assert "[[preferences_url]]" in content.text


def test_it_holds_letters_back_for_as_long_as_the_pause_lasts(write, stranger):
    letter = write(MessageClass.PARTNER, expires_at=timezone.now() + timedelta(days=60))
    stranger.post(path(letter), {"topics": ["news", "partner"], "pause": "30"})
    drain()
    letter.refresh_from_db()
    assert (letter.state, letter.reason) == (Message.State.QUEUED, "They asked for a pause.")
    assert letter.not_before == Pause.objects.get().until

    stranger.post(path(letter), {"topics": ["news", "partner"], "pause": ""})
    drain()
    letter.refresh_from_db()
    assert letter.state == Message.State.HANDED_OVER


def test_it_stops_letters_about_one_topic_that_wait_already(letter, stranger):
    stranger.post(path(letter), {"topics": ["news"]})

    drain()
    letter.refresh_from_db()
    assert letter.state == Message.State.SKIPPED


def test_it_sends_again_after_a_yes(letter, stranger):
    unsubscribe(letter)
    stranger.post(path(letter), {"topics": ["partner"]})

    drain()
    letter.refresh_from_db()
    assert letter.state == Message.State.HANDED_OVER
