"""What calendars answer to our invites, and what only calls itself an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from crm.mail.models import InboundMail, Message
from tests.workshops.answering import PROGRAMS, STAMP, answer, arrive, calendar_of, with_calendar
from tests.workshops.conftest import fill, letters_to, make_workshop
from workshops import actions
from workshops.models import Invite, InviteReply, Registration

pytestmark = pytest.mark.django_db
State = Registration.State


@pytest.fixture(autouse=True)
def _november(time_machine_at):
    time_machine_at(datetime(2026, 11, 2, 10, 1, tzinfo=UTC))


@pytest.fixture
def invite(_november, practice, quiet_gym) -> Invite:
    """Ada has one of two seats."""
    (ada,) = fill(make_workshop(host=quiet_gym, starts_at=datetime(2026, 11, 14, 15, 0, tzinfo=UTC)), "Ada")
    return Invite.objects.select_related("registration__workshop").get(registration=ada)


def is_in_tray(mail: InboundMail, invite: Invite, *words: str) -> bool:
    """It waits for a person, says why, and nothing else happened."""
    invite.refresh_from_db()
    assert all(word in mail.outcome for word in words), mail.outcome
    assert (mail.state, mail.claimed_by) == (InboundMail.State.TRAY, "")
    return (invite.answer, invite.registration.state) == ("", State.CONFIRMED) and not InviteReply.objects.exists()


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(("word", "noted"), [("ACCEPTED", "accepted"), ("TENTATIVE", "tentative")])
def test_it_notes_a_yes_and_a_maybe(invite, program, word, noted):
    mail = arrive(answer(invite, word, program=program))

    invite.refresh_from_db()
    assert (mail.state, mail.claimed_by) == (InboundMail.State.CLAIMED, "take_answer")
    assert (invite.answer, invite.registration.state) == (noted, State.CONFIRMED)
    assert invite.answer_stamped_at == STAMP.replace(tzinfo=UTC)
    assert mail.contact == invite.registration.contact
    assert invite.replies.get().mail == mail
    assert len(letters_to(invite.registration)) == 1


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_gives_back_the_seat_of_who_says_no(invite, program):
    workshop = invite.registration.workshop
    _bo, cy = fill(workshop, "Bo", "Cy")

    mail = arrive(answer(invite, "DECLINED", program=program))

    ada = Registration.objects.get(pk=invite.registration_id)
    assert (ada.state, ada.cancelled_by) == (State.CANCELLED, Registration.CancelledBy.REPLY)
    assert (
        mail.outcome
        == f"{ada.name} said no to “{workshop.title}”. The seat is given back, and they have a day to take that back."
    )
    cy.refresh_from_db()
    assert cy.has_seat
    letter = Message.objects.get(dedupe_key=f"registration:{ada.pk}:cancelled")
    assert letter.content.subject == "Your seat is released: Knees that last"
    assert letter.values["undo_url"].endswith(f"/r/{ada.token}/undo/")
    assert "METHOD:CANCEL" in letter.calendar


def test_it_changes_a_maybe_into_a_no(invite):
    arrive(answer(invite, "TENTATIVE"))
    arrive(answer(invite, "DECLINED", stamp=STAMP + timedelta(seconds=30)))

    invite.refresh_from_db()
    assert invite.answer == "declined"
    assert invite.replies.count() == 2


def test_it_takes_a_no_to_an_earlier_version(invite):
    actions.move(invite.registration.workshop, place="Elsewhere 1")
    arrive(answer(invite, "DECLINED", sequence=0))

    assert Registration.objects.get(pk=invite.registration_id).state == State.CANCELLED


def test_it_only_notes_a_no_after_the_beginning(invite, time_machine_at):
    time_machine_at(invite.registration.workshop.starts_at + timedelta(minutes=5))
    mail = arrive(answer(invite, "DECLINED"))

    invite.refresh_from_db()
    assert (invite.answer, invite.registration.state) == ("declined", State.CONFIRMED)
    assert "only noted" in mail.outcome


def test_it_only_notes_a_no_after_the_workshop_was_cancelled(invite):
    actions.cancel_workshop(invite.registration.workshop, reason="Flood.")
    mail = arrive(answer(invite, "DECLINED"))

    invite.refresh_from_db()
    assert (invite.answer, invite.registration.state) == ("declined", State.CONFIRMED)
    assert mail.outcome.endswith("The workshop was cancelled before, so it is only noted.")
    assert len(letters_to(invite.registration)) == 2


def test_it_says_that_a_seat_was_given_back_before(invite):
    actions.cancel(invite.registration)

    mail = arrive(answer(invite, "DECLINED"))

    assert mail.outcome.endswith("The seat was given back before.")
    assert len(letters_to(invite.registration)) == 2


@pytest.mark.parametrize("sequence", [0, 1, 2])
def test_it_leaves_a_yes_without_a_seat_to_a_person(invite, sequence):
    actions.cancel(invite.registration)

    mail = arrive(answer(invite, "ACCEPTED", sequence=sequence))

    invite.refresh_from_db()
    assert (mail.state, "earlier state" in mail.outcome) == (InboundMail.State.TRAY, True)
    assert (invite.answer, invite.registration.state) == ("", State.CANCELLED)


def test_it_reads_an_address_in_any_case(invite):
    assert arrive(answer(invite, "ACCEPTED", attendee="ADA@Example.COM")).state == InboundMail.State.CLAIMED


def test_it_believes_spf_where_the_envelope_is_the_senders_own(invite):
    assert arrive(answer(invite, "ACCEPTED"), dkim="none").state == InboundMail.State.CLAIMED


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        ({"dkim": "none", "spf": "fail"}, "It may be forged"),
        ({"dkim": "none", "spf": "none"}, "Nothing vouches"),
        ({"dkim": "{@evil.example.org : pass}", "around": "eve@evil.example.org"}, "Nothing vouches"),
    ],
)
def test_it_leaves_a_forged_sender_to_a_person(invite, checks, words):
    mail = arrive(answer(invite, "DECLINED"), **checks)

    assert is_in_tray(mail, invite, "speaks for a seat at “Knees that last”", words)


def test_it_leaves_one_who_speaks_for_another_to_a_person(invite):
    raw = answer(invite, "DECLINED").replace(b"From: Ada <ada@example.com>", b"From: Eve <eve@evil.example.org>")
    mail = arrive(raw, dkim="{@evil.example.org : pass}", around="eve@evil.example.org")

    assert is_in_tray(mail, invite, "Somebody else sent it")


def test_it_never_adds_who_was_not_invited(invite):
    raw = answer(invite, "ACCEPTED", attendee="eve@example.org").replace(b"ada@example.com>", b"eve@example.org>")
    mail = arrive(raw, dkim="{@example.org : pass}", around="eve@example.org")

    assert is_in_tray(mail, invite, "eve@example.org was not invited")
    assert Registration.objects.count() == 1


def test_it_leaves_an_invite_that_is_not_ours_to_a_person(invite):
    mail = arrive(answer(invite, "DECLINED", uid="somebody-elses@example.org"))

    assert is_in_tray(mail, invite, "no invite of ours")


def test_it_takes_a_replayed_answer_once(invite):
    raw = answer(invite, "DECLINED")
    arrive(raw)
    assert arrive(raw).claimed_by == "take_answer"  # the same mail is the same mail

    again = arrive(raw.replace(b"MIME-Version", b"X-Replayed: yes\r\nMIME-Version", 1))

    assert again.state == InboundMail.State.TRAY
    assert "This very answer came before" in again.outcome
    assert InviteReply.objects.count() == 1
    assert len(letters_to(invite.registration)) == 2


def test_it_leaves_an_answer_older_than_the_newest_to_a_person(invite):
    arrive(answer(invite, "ACCEPTED"))
    older = answer(invite, "DECLINED", stamp=STAMP - timedelta(hours=1)).replace(b"calendar-7f1c", b"calendar-8a2d")
    mail = arrive(older)

    invite.refresh_from_db()
    assert "newer answer came before" in mail.outcome
    assert (invite.answer, invite.registration.state) == ("accepted", State.CONFIRMED)


def test_it_lets_no_clock_that_runs_ahead_silence_what_comes_later(invite, time_machine_at):
    arrive(answer(invite, "ACCEPTED", stamp=STAMP + timedelta(days=300)))
    time_machine_at(datetime(2026, 11, 3, 10, 0, tzinfo=UTC))
    later = answer(invite, "DECLINED", stamp=STAMP + timedelta(hours=20)).replace(b"calendar-7f1c", b"calendar-8a2d")
    arrive(later)

    invite.refresh_from_db()
    assert invite.answer == "declined"


def test_it_leaves_a_yes_to_an_earlier_version_to_a_person(invite):
    actions.move(invite.registration.workshop, place="Elsewhere 1")
    mail = arrive(answer(invite, "ACCEPTED", sequence=0))

    assert is_in_tray(mail, invite, "earlier state")


HOSTILE = {
    "a path": (lambda invite: b"/etc/passwd", "cannot be read"),
    "two calendars": (lambda invite: calendar_of(invite) * 2, "cannot be read"),
    "garbage": (lambda invite: b"\x00\xff" * 50, "cannot be read"),
    "cut off": (lambda invite: calendar_of(invite)[:60], "cannot be read"),
    "no event": (lambda invite: calendar_of(invite, events=0), "names no event"),
    "many events": (lambda invite: calendar_of(invite, events=11), "too many"),
    "two attendees": (
        lambda invite: calendar_of(
            invite, *(f"ATTENDEE;PARTSTAT=DECLINED:mailto:{who}@example.com" for who in ("ada", "eve"))
        ),
        "exactly one person",
    ),
    "no attendee": (lambda invite: calendar_of(invite, "ATTENDEE:"), "exactly one person"),
    "no stamp": (lambda invite: calendar_of(invite, "DTSTAMP:"), "when it was made"),
    "a broken stamp": (lambda invite: calendar_of(invite, "DTSTAMP:2026-11-02"), "cannot be read"),
    "a day for a stamp": (lambda invite: calendar_of(invite, "DTSTAMP;VALUE=DATE:20261102"), "when it was made"),
    "no uid": (lambda invite: calendar_of(invite, "UID:"), "cannot be read"),
    "a uid with a null": (lambda invite: calendar_of(invite, f"UID:{invite.uid}\x00x"), "no invite of ours"),
    "a broken sequence": (lambda invite: calendar_of(invite, "SEQUENCE:many"), "cannot be read"),
    "no word": (lambda invite: calendar_of(invite, "ATTENDEE:mailto:ada@example.com"), "neither yes, maybe nor no"),
    "another word": (
        lambda invite: calendar_of(invite, "ATTENDEE;PARTSTAT=DELEGATED:mailto:ada@example.com"),
        "“DELEGATED”",
    ),
    "another time": (lambda invite: calendar_of(invite, method="COUNTER"), "another time"),
    "a nest": (
        lambda invite: b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n" + b"BEGIN:VEVENT\r\n" * 3000,
        "An answer to an invite, left to you.",
    ),
    "a calendar without its end": (lambda invite: calendar_of(invite).partition(b"END:VCALENDAR")[0], "cannot be read"),
    "a calendar in another script": (lambda invite: calendar_of(invite).decode().encode("utf-16"), "cannot be read"),
    "a large calendar": (lambda invite: calendar_of(invite, f"COMMENT:{'x' * 70_000}"), "too large"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_it_leaves_what_it_cannot_trust_to_a_person(invite, kind):
    make, words = HOSTILE[kind]

    assert is_in_tray(arrive(with_calendar(make(invite))), invite, words)


def test_it_reads_past_a_mark_of_byte_order(invite):
    mail = arrive(with_calendar(b"\xef\xbb\xbf" + calendar_of(invite)))

    assert mail.state == InboundMail.State.CLAIMED


def test_it_opens_no_file(invite, tmp_path):
    path = tmp_path / "answer.ics"
    path.write_bytes(calendar_of(invite))

    assert is_in_tray(arrive(with_calendar(str(path).encode())), invite, "cannot be read")


def test_it_leaves_a_mail_of_five_megabytes_to_a_person(invite):
    raw = answer(invite, "DECLINED") + b"\r\n" + b"x" * (5 * 1024 * 1024)

    assert is_in_tray(arrive(raw), invite, "too large")


def test_it_leaves_other_calendars_to_others(invite):
    mail = arrive(with_calendar(calendar_of(invite, method="REQUEST")))

    assert is_in_tray(mail, invite)
    assert mail.outcome == ""


def test_it_does_not_take_a_note_of_absence_for_an_answer(invite):
    raw = answer(invite, "DECLINED").replace(b"METHOD:REPLY", b"METHOD:REQUEST").replace(b"generated", b"replied")

    assert arrive(raw).claimed_by == "leave_machines_alone"


def test_it_names_nobody_in_what_outlives_an_erasure(invite, owner):
    arrive(answer(invite, "TENTATIVE"))
    actions.erase(invite.registration.contact, by=owner)

    assert "Ada" not in InviteReply.objects.get().outcome
    assert "Ada" not in InboundMail.objects.get().outcome
    later = arrive(answer(invite, "ACCEPTED", stamp=STAMP + timedelta(seconds=30)))
    assert (later.state, "no address here" in later.outcome) == (InboundMail.State.TRAY, True)


def test_it_lets_who_said_no_take_it_back_with_one_press(client, invite):
    arrive(answer(invite, "DECLINED"))
    ada = Registration.objects.get(pk=invite.registration_id)
    page = reverse("registration_undo", args=[ada.token])

    assert "Give me my seat back" in client.get(page).content.decode()
    assert not Registration.objects.confirmed().exists()
    shown = client.post(page, follow=True).content.decode()

    new = Registration.objects.confirmed().get()
    assert "You have your seat again." in shown
    assert new.invite.uid != invite.uid
    assert (new.name, new.email, new.contact) == (ada.name, ada.email, ada.contact)
    assert client.get(page, follow=True).redirect_chain[-1][0] == new.get_absolute_url()


def test_it_puts_them_first_on_the_list_where_the_seat_is_gone(client, invite):
    workshop = invite.registration.workshop
    fill(workshop, "Bo", "Cy", "Dee")
    arrive(answer(invite, "DECLINED"))
    ada = Registration.objects.get(pk=invite.registration_id)
    page = reverse("registration_undo", args=[ada.token])

    assert "Put me first on the list" in client.get(page).content.decode()
    client.post(page)
    client.post(page)

    waiting = list(workshop.registrations.waiting())
    assert [person.name for person in waiting] == ["Ada", "Dee"]
    assert Message.objects.filter(dedupe_key=f"registration:{waiting[0].pk}:waiting").exists()


def test_it_lets_nobody_take_a_no_back_after_a_day(client, invite, time_machine_at):
    arrive(answer(invite, "DECLINED"))
    time_machine_at(datetime(2026, 11, 3, 10, 2, tzinfo=UTC))
    page = reverse("registration_undo", args=[invite.registration.token])

    assert client.get(page).status_code == 302
    assert "Please register again" in client.post(page, follow=True).content.decode()
    assert not Registration.objects.active().exists()


def test_it_takes_back_no_cancellation_but_a_calendars(client, invite):
    actions.cancel(invite.registration)

    client.post(reverse("registration_undo", args=[invite.registration.token]))
    assert not Registration.objects.active().exists()


def test_it_tells_the_owner_in_words_what_each_answer_did(client, owner, invite):
    workshop = invite.registration.workshop
    fill(workshop, "Bo", "Cy")
    arrive(answer(invite, "ACCEPTED"))
    arrive(answer(invite, "TENTATIVE", stamp=STAMP + timedelta(seconds=10)))
    arrive(answer(invite, "DECLINED", stamp=STAMP + timedelta(seconds=20)))
    stranger = arrive(answer(invite, "ACCEPTED", uid="somebody-elses@example.org"))
    client.force_login(owner)

    page = client.get(reverse("workshops:inspect", args=[workshop.pk])).content.decode()
    inbox = client.get(reverse("inbox:index")).content.decode()

    told = [
        "Ada said no to “Knees that last”. The seat is given back, and they have a day to take that back.",
        "Ada said maybe to “Knees that last”. It is noted.",
        "Ada said yes to “Knees that last”. It is noted.",
    ]
    assert [page.index(words) for words in told] == sorted(page.index(words) for words in told)
    assert all(words in inbox for words in told)
    assert stranger.outcome == "An answer to an invite, left to you. It is about no invite of ours."
    assert stranger.outcome in inbox and stranger.outcome not in page
    assert reverse("inbox:inspect", args=[InviteReply.objects.order_by("pk")[0].mail_id]) in page


def test_it_shows_answers_without_their_mails_to_who_may_not_read_mail(client, viewer, invite):
    arrive(answer(invite, "TENTATIVE"))
    client.force_login(viewer)

    page = client.get(reverse("workshops:inspect", args=[invite.registration.workshop_id])).content.decode()
    assert "Ada said maybe" in page
    may_read = viewer.has_perm("mail.view_inboundmail")
    assert (reverse("inbox:inspect", args=[InviteReply.objects.get().mail_id]) in page) is may_read


def test_it_does_nothing_of_a_mail_that_is_doubtful_in_part(invite):
    (bo,) = fill(invite.registration.workshop, "Bo")
    good, theirs = calendar_of(invite), calendar_of(bo.invite).partition(b"BEGIN:VEVENT")[2]
    both = good.replace(b"END:VCALENDAR", b"BEGIN:VEVENT" + theirs.rstrip())

    assert is_in_tray(arrive(with_calendar(both)), invite, "was not invited")


def test_it_shows_the_answer_beside_the_name(client, owner, invite):
    arrive(answer(invite, "TENTATIVE"))
    client.force_login(owner)

    page = client.get(reverse("workshops:inspect", args=[invite.registration.workshop_id])).content.decode()
    assert "Calendar: Maybe" in page
