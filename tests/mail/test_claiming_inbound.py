"""Mail that came in goes to whoever claims it, and what nobody claims waits for a person."""

import pytest
from django.db import connection

from crm.mail import inbound
from crm.mail.inbound import look_through
from crm.mail.links import token_of
from crm.mail.models import InboundMail, Message, MessageClass, Suppression
from crm.mail.receiving import keep
from crm.people.actions import may_write
from crm.people.models import Contact, Purpose
from tests.mail.arriving import mail

pytestmark = pytest.mark.django_db
State = InboundMail.State


@pytest.fixture
def letter(write) -> Message:
    return write(MessageClass.PARTNER, content={"subject": "News for [[first_name|you]]"})


def arrive(raw: bytes, **fields: bytes) -> InboundMail:
    """Let this mail come in, and be looked at."""
    kept = keep({"email": raw, **fields})
    look_through()
    kept.refresh_from_db()
    return kept


def is_off(email: str = "ada@example.com") -> bool:
    return Suppression.objects.of(email).exists()


def test_it_puts_into_the_tray_what_nobody_claims(ada):
    found = arrive(mail())

    assert (found.state, found.contact, found.answers, found.claimed_by) == (State.TRAY, ada, None, "")


def test_it_looks_at_each_mail_once(ada):
    for number in range(3):
        keep({"email": mail(str(number))})

    assert look_through(most=2) == 2
    assert look_through() == 1
    assert look_through() == 0


@pytest.mark.parametrize("where", ["subject", "among words", "address", "envelope"])
def test_it_takes_off_the_list_whom_a_token_names(letter, ada, where):
    token = token_of(letter.pk)
    subject = {"subject": token, "among words": f"Unsubscribe {token}!"}.get(where, "")
    to = f"unsubscribe+{token}@in.example.com" if where == "address" else "unsubscribe@in.example.com"
    around = {"envelope": f'{{"to": ["unsubscribe+{token}@in.example.com"]}}'.encode()} if where == "envelope" else {}
    found = arrive(mail("", subject=subject, to=to, sender="else@example.com"), **around)

    assert found.state == State.CLAIMED
    assert found.claimed_by == "unsubscribe_by_mail"
    assert found.outcome == "It asked for no more letters, so its reader is off the list."
    assert (found.answers, found.contact) == (letter, ada)
    assert is_off()
    assert not is_off("else@example.com")
    assert not may_write(ada, purpose=Purpose.PARTNER)
    said = ada.consents.first()
    assert said.source == "unsubscribe by mail"
    assert "else@example.com" in said.evidence


@pytest.mark.parametrize("subject", ["unsubscribe", "STOP", "Re: Stop.", "Please remove me", "Unsubscribe me!"])
def test_it_takes_off_a_known_contact_who_says_stop(ada, subject):
    assert arrive(mail(subject=subject)).state == State.CLAIMED
    assert is_off()
    assert not may_write(ada, purpose=Purpose.NEWS)


def test_it_takes_off_a_known_contact_who_writes_to_the_box_for_it(ada):
    assert arrive(mail(subject="Hello?", to="Unsubscribe@in.example.com")).state == State.CLAIMED
    assert is_off()


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("who@example.com", "unsubscribe"),
        ("ada@example.com", "How do I stop the pain?"),
        ("", "stop"),
        ("who@example.com", "x" * 32),
    ],
)
def test_it_leaves_every_other_wish_to_a_person(ada, sender, subject):
    assert arrive(mail(subject=subject, sender=sender)).state == State.TRAY
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"Content_Type": "multipart/report; report-type=delivery-status; boundary=b"},
    ],
)
def test_it_takes_nobody_off_for_what_a_machine_wrote(ada, headers):
    found = arrive(mail(subject="unsubscribe", to="unsubscribe@in.example.com", **headers))

    assert (found.state, found.claimed_by) == (State.CLAIMED, "leave_machines_alone")
    assert not is_off()


def test_it_never_takes_an_automatic_reply_for_a_wish_even_with_a_token(letter):
    arrive(mail(subject=token_of(letter.pk), Auto_Submitted="auto-replied"))

    assert not is_off()


def test_it_lets_a_mail_program_press_the_button(letter):
    found = arrive(mail(subject=token_of(letter.pk), to="unsubscribe@in.example.com", Auto_Submitted="auto-generated"))

    assert found.claimed_by == "unsubscribe_by_mail"
    assert is_off()


def test_it_takes_off_somebody_archived_too(letter, ada):
    Contact.objects.update(archived_at=letter.created_at)

    arrive(mail(subject=token_of(letter.pk)))
    assert is_off()


def test_it_knows_what_a_reply_answers(letter, ada):
    found = arrive(
        mail("Yes please!", sender="ada.private@example.com", In_Reply_To=f"<{letter.pk}@harbour.example.com>")
    )

    assert found.state == State.TRAY
    assert found.outcome == "A reply to “News for you”."
    assert (found.answers, found.contact) == (letter, ada)
    assert not is_off()


def test_it_files_an_absence_notice_beside_its_message(letter):
    found = arrive(mail(Auto_Submitted="auto-replied", In_Reply_To=f"<{letter.pk}@harbour.example.com>"))

    assert found.state == State.CLAIMED
    assert found.answers == letter
    assert found.outcome == "It is an automatic reply about “News for you”. There is nothing to do."


def test_it_reads_a_report_of_a_mail_server(letter):
    report = (
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; ada@example.com\r\nAction: failed\r\n"
        "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Message-ID: <{letter.pk}@harbour.example.com>\r\nSubject: News\r\n\r\nHello\r\n--b--\r\n"
    )
    found = arrive(
        mail(
            report,
            sender="mailer-daemon@example.com",
            Content_Type="multipart/report; report-type=delivery-status; boundary=b",
        )
    )

    assert found.state == State.CLAIMED
    assert found.answers == letter
    assert found.outcome == (
        "A report from a mail server about “News for you”: it could not be delivered. "
        "The server said: “550 5.1.1 No such user”."
    )


def take_nothing(mail, incoming):
    return None


def take_all(mail, incoming):
    mail.contact = None
    return "Mine."


def fall_over(mail, incoming):
    mail.contact = None
    Suppression.objects.create(email_hash=b"0" * 32, reason=Suppression.Reason.BY_HAND)
    raise ZeroDivisionError("oh")


def break_the_database(mail, incoming):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


def claimants(settings, *functions) -> None:
    settings.MAIL_CLAIMANTS = [f"{__name__}.{function.__name__}" for function in functions]


def test_it_asks_each_in_turn_until_one_takes_it(ada, settings):
    claimants(settings, take_nothing, take_all, fall_over)
    found = arrive(mail())

    assert (found.state, found.claimed_by, found.outcome) == (State.CLAIMED, "take_all", "Mine.")


@pytest.mark.parametrize(("fault", "name"), [(fall_over, "ZeroDivisionError"), (break_the_database, "DataError")])
def test_it_keeps_a_mail_whose_claimant_fails(ada, settings, fault, name):
    claimants(settings, fault, take_all)
    found = arrive(mail())

    assert (found.state, found.contact) == (State.TRAY, ada)
    assert found.outcome == f"Nobody could take care of it: {fault.__name__} failed ({name})."
    assert not Suppression.objects.exists()


def test_it_begins_again_after_a_worker_was_lost(ada, monkeypatch):
    def die(mail) -> None:
        raise KeyboardInterrupt

    keep({"email": mail()})
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(inbound, "_hand_over", die)
        look_through()

    assert look_through() == 1
