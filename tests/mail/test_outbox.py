from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.mail import outbox
from crm.mail.actions import drain, try_again
from crm.mail.models import Attachment, Message, MessageClass
from crm.people.models import Contact, User
from tests.mail.happenings import put, report

pytestmark = pytest.mark.django_db
State, Fate = Message.State, Message.Fate
LIST = "/admin/outbox/"
ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:u1\r\nSEQUENCE:2\r\nSUMMARY:Yoga\r\n"
    "DTSTART:20270301T180000Z\r\nDTEND:20270301T190000Z\r\nLOCATION:Quay\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def page_of(message: Message, part: str = "") -> str:
    return f"{LIST}{message.pk}/{part}/" if part else f"{LIST}inspect/{message.pk}/"


def settle(message: Message, state: State, reason: str = "") -> None:
    Message.objects.filter(pk=message.pk).update(state=state, reason=reason, settled_at=timezone.now())


@pytest.fixture
def reading(client, assistant):
    client.force_login(assistant)
    return client


@pytest.fixture
def acting(client, owner):
    client.force_login(owner)
    return client


@pytest.mark.parametrize("part", ["", "html", "raw"])
def test_it_needs_a_login(client, write, part):
    assert "/admin/login/" in client.get(page_of(write(), part))["Location"]
    assert "/admin/login/" in client.get(LIST)["Location"]


@pytest.mark.parametrize("part", ["", "html", "raw"])
def test_it_needs_permission(client, viewer, write, part):
    client.force_login(viewer)

    assert client.get(page_of(write(), part))["Location"] == "/admin/"
    assert client.get(LIST)["Location"] == "/admin/"


@pytest.mark.parametrize("part", ["cancel", "again", "take-back"])
def test_it_refuses_the_wrong_method(acting, write, part):
    assert acting.get(page_of(write(), part)).status_code == 405


@pytest.mark.parametrize("part", ["cancel", "again", "take-back"])
def test_it_lets_an_assistant_look_only(reading, write, part):
    message = write()

    assert reading.post(page_of(message, part))["Location"] == "/admin/"
    page = reading.get(page_of(message)).text
    assert "Cancel this message" not in page


@pytest.mark.parametrize("path", ["new/", "edit/{}/", "delete/{}/"])
def test_it_has_no_form_to_change_the_ledger(acting, write, path):
    assert acting.get(LIST + path.format(write().pk)).status_code == 404


def test_it_lists_messages_with_their_state(reading, write):
    write(content={"subject": "Kept letter"})
    drain()
    write(content={"subject": "Waiting letter"})

    page = reading.get(LIST).text
    assert "Kept letter" in page
    assert "Waiting letter" in page
    assert "Handed over" in page
    assert "Nothing leaves this machine" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("standing=waiting", {"Early", "Bo"}),
        ("standing=handed_over", {"Kept"}),
        ("standing=handed_over&standing=waiting", {"Kept", "Early", "Bo"}),
        ("message_class=partner", {"Bo"}),
        ("q=kept", {"Kept"}),
        ("q=bo@", {"Bo"}),
        ("created_at_to=2020-01-01", set()),
    ],
)
def test_it_filters_and_searches(reading, write, query, found):
    write(content={"subject": "Kept"})
    drain()
    write(content={"subject": "Early"})
    write(MessageClass.PARTNER, content={"subject": "Bo"}, to_email="bo@example.com")

    rows = reading.get(f"{LIST}?{query}").context["object_list"]
    assert {row.content.subject for row in rows} == found


def test_it_lists_all_mail_to_one_contact(acting, write, ada):
    write(content={"subject": "To Ada"})
    write(contact=None, to_email="bo@example.com", content={"subject": "To Bo"})
    form = acting.get(f"/admin/contacts/edit/{ada.pk}/").text
    assert f"{LIST}?contact={ada.pk}" in form

    rows = acting.get(f"{LIST}?contact={ada.pk}").context["object_list"]
    assert [row.content.subject for row in rows] == ["To Ada"]


def test_it_lists_what_became_of_one_letter(reading, write):
    message = write(content={"subject": "Autumn"})
    write(content={"subject": "Winter"})

    rows = reading.get(f"{LIST}?content={message.content_id}").context["object_list"]
    assert list(rows) == [message]


@pytest.mark.parametrize(
    ("fate", "standing"),
    [
        (Fate.PROCESSED, "handed_over"),
        (Fate.DEFERRED, "delayed"),
        (Fate.DELIVERED, "delivered"),
        (Fate.BOUNCED, "returned"),
        (Fate.COMPLAINED, "spam"),
    ],
)
def test_it_finds_messages_by_what_was_reported(reading, write, fate, standing):
    message = put(write(), State.HANDED_OVER)
    report(message, fate)
    put(write(), State.REJECTED)

    page = reading.get(f"{LIST}?standing={standing}")
    assert list(page.context["object_list"]) == [message]
    assert f"mail-state--{standing}" in page.text


def test_it_finds_an_address_that_no_contact_has_any_more(reading, write, ada):
    message = write()
    Contact.objects.filter(pk=ada.pk).update(email="new@example.com", name="Ada Nowak")

    assert list(reading.get(f"{LIST}?q=ada@exam").context["object_list"]) == [message]
    assert list(reading.get(f"{LIST}?q=nowak").context["object_list"]) == [message]


def test_it_counts_no_further_than_anybody_pages(reading, write, monkeypatch):
    monkeypatch.setattr(outbox, "COUNTED", 2)
    for _ in range(3):
        write(content={"subject": "Autumn"})

    page = reading.get(f"{LIST}?q=autumn").text
    assert "More than 2 match." in page
    assert "<strong>2+</strong>" in page


def test_it_says_how_a_list_without_rows_begins(reading, write):
    assert "No mail yet." in reading.get(LIST).text
    assert "No message stands there." in reading.get(f"{LIST}?standing=spam").text
    assert "No message to this address" in reading.get(f"{LIST}?q=nobody").text


def test_it_hides_password_links_from_who_may_only_look(reading, write, owner):
    secret = write(MessageClass.SYSTEM, content={"subject": "Password reset"})

    assert "Password reset" not in reading.get(LIST).text
    assert reading.get(page_of(secret)).status_code == 404
    assert reading.get(page_of(secret, "raw")).status_code == 404
    reading.force_login(owner)
    assert "Password reset" in reading.get(LIST).text


def test_it_lists_3_and_300_rows_with_the_same_queries(reading, write):
    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            reading.get(LIST)
        return len(context)

    first, *_ = [write() for _ in range(3)]
    queries()
    few = queries()
    same = {"message_class": "transactional", "to_email": "x@example.com", "content": first.content}
    Message.objects.bulk_create(Message(dedupe_key=f"bulk:{number}", **same) for number in range(297))

    assert queries() == few <= 20


def test_it_shows_a_message_as_its_reader_sees_it(reading, write):
    message = write(content={"subject": "Hi [[name]]", "text": "Dear [[name]]"}, values={"name": "<Ada>"})
    drain()

    page = reading.get(page_of(message)).text
    assert "Hi &lt;Ada&gt;" in page
    assert "Dear &lt;Ada&gt;" in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "Handed over by local: kept here, nothing left this machine." in page


def test_it_puts_the_html_part_where_it_can_do_nothing(reading, write):
    letter = reading.get(page_of(write(content={"html": "<script>alert(1)</script><p>Hi</p>"}), "html"))

    policy = letter["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox allow-popups" in policy
    assert letter["X-Frame-Options"] == "SAMEORIGIN"


def test_it_says_a_calendar_part_in_words(reading, write, practice):
    message = write(calendar=ICS, calendar_method="REQUEST")

    page = reading.get(page_of(message)).text
    assert "An invitation" in page
    assert "Yoga" in page
    assert "Monday, March 1, 2027, 6:00 p.m. to 7:00 p.m." in page
    file = reading.get(f"{LIST}{message.pk}/invite.ics")
    assert file.content == ICS.encode()
    assert file["Content-Disposition"].startswith("attachment")


def test_it_shows_a_calendar_part_that_cannot_be_read(reading, write):
    assert "cannot be read" in reading.get(page_of(write(calendar="BEGIN:X", calendar_method="REQUEST"))).text


def test_it_hands_out_attachments_as_downloads(reading, write):
    message = write()
    file = Attachment.objects.create(
        content=message.content, filename='a".html', content_type="text/html", body=b"<script>"
    )
    other = write()

    response = reading.get(f"{LIST}{message.pk}/files/{file.pk}/")
    assert (response.content, response["Content-Disposition"]) == (b"<script>", 'attachment; filename="a.html"')
    assert reading.get(f"{LIST}{other.pk}/files/{file.pk}/").status_code == 404


def test_it_shows_the_whole_source(reading, write):
    source = reading.get(page_of(write(), "raw"))

    assert source["Content-Type"] == "text/plain; charset=utf-8"
    assert "To: Ada Okafor <ada@example.com>" in source.text


def test_it_says_why_a_message_cannot_be_written(reading, write):
    message = write(content={"text": "[[amount]]"})
    drain()

    page = reading.get(page_of(message)).text
    assert "Nothing is known for the place [[amount]]" in page
    assert "Refused for good." in page
    assert reading.get(page_of(message, "raw")).status_code == 404


def test_it_cancels_a_waiting_message(acting, write):
    message = write(not_before=timezone.now() + timedelta(days=1))
    page = acting.post(page_of(message, "cancel"), follow=True).text

    message.refresh_from_db()
    assert (message.state, message.reason) == (State.SKIPPED, "Cancelled by owner@example.com.")
    assert "It will not be sent." in page
    assert "owner@example.com took it out of the queue." in page


def test_it_cancels_nothing_that_has_left(acting, write):
    message = write()
    drain()

    assert "too late to cancel" in acting.post(page_of(message, "cancel"), follow=True).text
    message.refresh_from_db()
    assert message.state == State.HANDED_OVER


@pytest.mark.parametrize("state", [State.REJECTED, State.UNKNOWN])
def test_it_sends_again_on_a_persons_word(acting, write, state):
    message = write()
    settle(message, state, "The line broke.")
    assert ("may get it twice" in acting.get(page_of(message)).text) is (state == State.UNKNOWN)

    page = acting.post(page_of(message, "again"), follow=True).text
    assert "queued once more" in page
    assert "owner@example.com asked to send it again. Before that: The line broke." in page
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        drain()
    message.refresh_from_db()
    assert (message.state, message.is_repeat) == (State.HANDED_OVER, state == State.UNKNOWN)


def test_it_takes_a_second_sending_back_with_one_tap(acting, write):
    message = write()
    settle(message, State.UNKNOWN, "The line broke.")
    before = Message.objects.filter(pk=message.pk).values().get()
    acting.post(page_of(message, "again"))
    drain()  # it waits for second thoughts

    assert "Taken back" in acting.post(page_of(message, "take-back"), follow=True).text
    after = Message.objects.filter(pk=message.pk).values().get()
    assert after | {"not_before": 0} == before | {"not_before": 0}


def test_it_takes_nothing_back_that_has_left(acting, write):
    message = write()
    assert "too late to take that back" in acting.post(page_of(message, "take-back"), follow=True).text

    settle(message, State.REJECTED)
    try_again(message, by=User.objects.get(email="owner@example.com"))
    drain()
    assert "too late to take that back" in acting.post(page_of(message, "take-back"), follow=True).text


def test_it_sends_again_what_is_of_use_for_seconds_only(acting, write):
    message = write(expires_at=timezone.now() + timedelta(seconds=5))
    settle(message, State.REJECTED)

    assert "queued once more" in acting.post(page_of(message, "again"), follow=True).text


@pytest.mark.parametrize("state", [State.HANDED_OVER, State.SKIPPED, State.EXPIRED])
def test_it_does_not_repeat_what_is_done(acting, write, state):
    message = write()
    settle(message, state)

    assert "can be sent again" in acting.post(page_of(message, "again"), follow=True).text
    message.refresh_from_db()
    assert message.state == state


def test_it_does_not_repeat_what_is_too_late(acting, write):
    past = timezone.now() - timedelta(days=1)
    message = write(not_before=past, expires_at=past)
    settle(message, State.REJECTED)

    assert "Send it again" not in acting.get(page_of(message)).text
    assert "a time that has passed" in acting.post(page_of(message, "again"), follow=True).text


def test_it_says_when_sending_has_stopped(reading, write, settings, sendgrid):
    settings.SENDGRID_API_KEY = "SG.wrong"
    write()
    drain()

    assert "Sending has stopped. SendGrid answered 401" in reading.get(LIST).text
