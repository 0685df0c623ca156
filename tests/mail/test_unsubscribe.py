from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from crm.mail.actions import drain
from crm.mail.links import token_of
from crm.mail.models import Message, MessageClass, Reopening, Suppression, address_hash
from crm.mail.views import MOST_PRESSES, MOST_YESES
from crm.people.actions import may_write, record_consent
from crm.people.guard import is_hammered
from crm.people.models import ConsentEvent, Contact, Purpose

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(write) -> Message:
    return write(MessageClass.PARTNER)


@pytest.fixture
def stranger() -> Client:
    return Client(enforce_csrf_checks=True)


def path(message: Message) -> str:
    return f"/u/{token_of(message.pk)}/"


def test_it_changes_nothing_when_a_scanner_follows_the_link(letter, stranger, ada):
    page = stranger.get(path(letter))

    assert page.status_code == 200
    assert "Stop our letters?" in page.text
    assert "a…\N{WORD JOINER}@example.com" in page.text
    assert "ada@example.com" not in page.text
    assert page["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in page.text
    assert not Suppression.objects.exists()
    assert may_write(ada, purpose=Purpose.PARTNER)


def test_it_takes_one_click_from_a_mail_provider(letter, stranger, ada):
    page = stranger.post(path(letter), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")

    assert page.status_code == 200
    assert not page.cookies
    assert Suppression.objects.of("ADA@example.com").get().scope == Suppression.Scope.LETTERS
    assert not any(may_write(ada, purpose=purpose) for purpose in Purpose)
    assert ada.consents.first().source == "unsubscribe link"
    assert str(letter.pk) in ada.consents.first().evidence


def test_it_takes_a_multipart_one_click_too(letter, stranger):
    assert stranger.post(path(letter), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Suppression.objects.count() == 1


def test_it_may_be_pressed_twice(letter, stranger, ada):
    for _ in range(2):
        assert stranger.post(path(letter)).status_code == 200

    assert Suppression.objects.count() == 1
    assert ada.consents.filter(state=ConsentEvent.State.WITHDRAWN).count() == 2  # one each for partner and news


def test_it_stops_letters_already_queued(letter, stranger):
    stranger.post(path(letter))

    drain()
    letter.refresh_from_db()
    assert letter.state == Message.State.SKIPPED


def test_it_works_for_a_letter_sent_long_ago(letter, stranger):
    drain()

    assert stranger.post(path(letter)).status_code == 200
    assert "off the list" in stranger.get(path(letter)).text


def test_it_can_be_undone_by_the_reader(letter, stranger, ada):
    stranger.post(path(letter))
    page = stranger.post(f"{path(letter)}undo/")

    assert "back on the list" in page.text
    assert not Suppression.objects.exists()
    assert may_write(ada, purpose=Purpose.PARTNER)
    assert may_write(ada, purpose=Purpose.NEWS)
    assert not may_write(ada, purpose=Purpose.CARE)


def test_it_can_be_undone_from_another_letter(write, stranger, ada):
    stranger.post(path(write(MessageClass.PARTNER)))
    stranger.post(f"{path(write(MessageClass.PARTNER))}undo/")

    assert may_write(ada, purpose=Purpose.PARTNER)


def test_it_keeps_a_no_that_was_said_to_us(letter, stranger, ada):
    record_consent(ada, purpose=Purpose.NEWS, state=ConsentEvent.State.WITHDRAWN, source="by phone")
    stranger.post(path(letter))
    stranger.post(f"{path(letter)}undo/")

    assert may_write(ada, purpose=Purpose.PARTNER)
    assert not may_write(ada, purpose=Purpose.NEWS)


def test_it_undoes_nothing_that_the_link_did_not_do(letter, stranger, ada):
    stranger.post(path(letter))
    Suppression.objects.update(reason=Suppression.Reason.COMPLAINED)

    assert "by hand" in stranger.post(f"{path(letter)}undo/").text
    assert not may_write(ada, purpose=Purpose.PARTNER)


def test_it_records_a_no_where_no_word_was_known(write, stranger, ada):
    letter = write(MessageClass.CARE, content={"text": "Hi"})
    stranger.post(path(letter))

    assert ada.consents.filter(purpose=Purpose.CARE).get().state == ConsentEvent.State.WITHDRAWN


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_is_kind_about_an_unknown_link(practice, stranger, method):
    page = getattr(stranger, method)("/u/nothing-like-a-token/")

    assert page.status_code == 404
    assert "We do not know this link." in page.text


def test_it_refuses_other_methods(letter, stranger):
    assert stranger.put(path(letter)).status_code == 405
    assert stranger.get(f"{path(letter)}undo/").status_code == 405


def test_it_lets_nobody_fill_the_ledger_by_going_back_and_forth(letter, stranger, ada):
    for _ in range(MOST_YESES + 3):
        stranger.post(path(letter))
        last = stranger.post(f"{path(letter)}undo/")

    assert last.status_code == 429
    assert ada.consents.filter(source="unsubscribe link", state=ConsentEvent.State.GRANTED).count() <= 2 * MOST_YESES
    assert Suppression.objects.of("ada@example.com").exists()


def test_it_answers_a_provider_briefly_and_without_reading_what_it_posts(letter, stranger):
    for body, kind in [
        (b"\xff\x00not a form", "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
        (b"", ""),
    ]:
        page = stranger.generic("POST", path(letter), body, content_type=kind)

        assert (page.status_code, page.text) == (200, "You are unsubscribed.\n")
    assert Suppression.objects.count() == 1


def test_it_answers_a_provider_with_few_queries(letter, stranger, django_assert_max_num_queries):
    stranger.get(path(letter))

    with django_assert_max_num_queries(16):
        stranger.post(path(letter), {"List-Unsubscribe": "One-Click"})


def test_it_takes_a_body_of_any_size(letter, stranger, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

    assert stranger.post(path(letter), {"List-Unsubscribe": "One-Click" * 9}).status_code == 200
    assert Suppression.objects.count() == 1


def test_it_shows_a_person_the_way_back(letter, stranger):
    page = stranger.post(f"{path(letter)}?page")

    assert "You are off the list." in page.text
    assert f"{path(letter)}undo/" in page.text
    assert path(letter).replace("/u/", "/p/") in page.text


def test_it_works_for_somebody_archived(letter, stranger, ada):
    Contact.objects.update(archived_at=timezone.now())

    assert stranger.post(path(letter)).status_code == 200
    assert not any(may_write(ada, purpose=purpose) for purpose in Purpose)


def test_it_works_for_a_message_to_no_contact(write, stranger):
    letter = write(MessageClass.PARTNER, contact=None, to_email="just@example.com")

    assert stranger.post(path(letter)).status_code == 200
    assert Suppression.objects.of("just@example.com").exists()


def test_it_slows_down_who_presses_without_end(letter, stranger):
    answers = [stranger.post(path(letter)).status_code for _ in range(MOST_PRESSES + 2)]

    assert answers == [200] * MOST_PRESSES + [429, 429]


def test_it_never_refuses_a_first_unsubscribe(letter, stranger):
    for _ in range(MOST_PRESSES + 2):
        is_hammered(f"unsubscribe:{letter.pk}", most=MOST_PRESSES)

    assert stranger.post(path(letter)).status_code == 200
    assert Suppression.objects.of("ada@example.com").exists()


def test_it_gives_back_only_what_this_unsubscribe_took(letter, stranger, ada):
    stranger.post(path(letter))
    Suppression.objects.all().delete()
    record_consent(ada, purpose=Purpose.NEWS, state=ConsentEvent.State.GRANTED, source="by phone")
    stranger.post(path(letter))
    stranger.post(f"{path(letter)}undo/")

    assert may_write(ada, purpose=Purpose.NEWS)
    assert not may_write(ada, purpose=Purpose.PARTNER)


def test_it_counts_though_a_wrong_clock_dated_a_yes_later(letter, stranger):
    stranger.post(path(letter))
    stranger.post(f"{path(letter)}undo/")
    Reopening.objects.update(at=timezone.now() + timedelta(days=1))

    stranger.post(path(letter))
    assert Suppression.objects.of("ada@example.com").exists()


@pytest.mark.parametrize("reason", ["by_hand", "complained"])
def test_it_hides_no_other_reason(letter, stranger, reason):
    Suppression.objects.create(email_hash=address_hash("ada@example.com"), reason=reason)
    stranger.post(path(letter))
    stranger.post(f"{path(letter)}undo/")

    assert Suppression.objects.of("ada@example.com").get().reason == reason
