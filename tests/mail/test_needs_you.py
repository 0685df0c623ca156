from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.mail.actions import let_be
from crm.mail.models import Content, Decision, InboundMail, Lane, Message, MessageClass
from crm.mail.needs import open_needs
from crm.people.models import Contact
from partners.models import Kind, Partner, Role
from tests.mail.happenings import put, report

pytestmark = pytest.mark.django_db
State, Fate, Trouble = Message.State, Message.Fate, Decision.Trouble
PAGE = "/admin/needs-you/"
DEEDS = ["let-be/", "reconsider/", "go-on/sendgrid/"]


@pytest.fixture
def at_desk(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def letter(write) -> Message:
    """A letter of which nobody knows whether it left."""
    return put(write(MessageClass.PARTNER, content={"subject": "Autumn"}), State.UNKNOWN, "The line broke.")


@pytest.fixture
def bounced(write, ada) -> Message:
    """A letter that came back from an address a gym's trainer still has."""
    Role.objects.create(partner=Partner.objects.create(name="Gym", kind=Kind.GYM), contact=ada)
    message = put(write(MessageClass.PARTNER), State.HANDED_OVER)
    report(message, Fate.BOUNCED, "550 5.1.1 unknown")
    return message


def decide(at_desk, trouble: str, **which) -> str:
    said = {"trouble": trouble, "until": timezone.now().isoformat(), **which}
    return at_desk.post(f"{PAGE}let-be/", said, follow=True).text


def test_it_needs_a_login(client):
    assert "/admin/login/" in client.get(PAGE)["Location"]


def test_it_needs_permission(client, viewer, letter):
    client.force_login(viewer)

    assert client.get(PAGE)["Location"] == "/admin/"
    assert "needs-you" not in client.get("/admin/").text
    assert client.get("/admin/").context["open_needs"] == 0


def test_it_refuses_the_wrong_method(at_desk):
    assert at_desk.post(PAGE).status_code == 405
    assert [at_desk.get(PAGE + deed).status_code for deed in DEEDS] == [405, 405, 405]


def test_it_lets_an_assistant_look_only(client, assistant, letter):
    client.force_login(assistant)

    page = client.get(PAGE).text
    assert "Autumn" in page
    assert "Let it be" not in page
    assert [client.post(PAGE + deed)["Location"] for deed in DEEDS] == ["/admin/"] * 3


def test_it_is_quiet_when_all_is_well(at_desk, write):
    put(write(), State.HANDED_OVER)
    put(write(), State.SKIPPED)

    assert "Nothing needs you" in at_desk.get(PAGE).text
    assert "Needs you (" not in at_desk.get("/admin/").text


def test_it_asks_about_an_unknown_letter_and_sends_it_again(at_desk, letter):
    page = at_desk.get(PAGE).text
    assert "Nobody knows whether this left" in page
    assert "The line broke." in page
    assert "1 e-mail needs a word from you." in at_desk.get("/admin/").text
    assert "Needs you (1)" in at_desk.get("/admin/").text

    again = reverse("outbox:try_again", args=[letter.pk])
    page = at_desk.post(again, {"next": PAGE}, follow=True)
    assert page.redirect_chain == [(PAGE, 302)]
    assert "queued once more" in page.text
    assert "Nothing needs you" in page.text


def test_it_lets_one_be_for_good_and_undoes_that(at_desk, owner, letter):
    page = decide(at_desk, "unknown", message=letter.pk)
    assert "You are not asked about it again." in page
    assert open_needs(owner) == 0
    assert "owner@example.com let it be." in at_desk.get(reverse("outbox:inspect", args=[letter.pk])).text

    decision = Decision.objects.get()
    assert "Undone." in at_desk.post(f"{PAGE}reconsider/", {"at": decision.at.isoformat()}, follow=True).text
    assert open_needs(owner) == 1
    for at in ("", "yesterday", "2026-01-01T10:00:00", decision.at.isoformat()):
        assert "nothing to undo" in at_desk.post(f"{PAGE}reconsider/", {"at": at}, follow=True).text


def test_it_undoes_nobody_elses_decision(at_desk, owner, letter, assistant):
    at = let_be(Message.objects.all(), trouble=Trouble.UNKNOWN, by=assistant)

    at_desk.post(f"{PAGE}reconsider/", {"at": at.isoformat()})
    assert Decision.objects.exists()


def test_it_decides_about_a_whole_letter_at_once(at_desk, owner, write, ada, letter):
    same = {"contact": ada, "to_email": ada.email, "content": letter.content, "message_class": "partner"}
    for number in range(26):
        put(Message.objects.create(dedupe_key=f"more:{number}", **same), State.UNKNOWN)
    other = put(write(MessageClass.PARTNER, content={"subject": "Winter"}), State.UNKNOWN)

    page = at_desk.get(PAGE).text
    assert "27 of “Autumn”" in page
    assert "Let all 28" in page
    decide(at_desk, "unknown", content=letter.content_id)
    assert open_needs(owner) == 1
    assert not Decision.objects.filter(message=other).exists()
    decide(at_desk, "unknown")
    assert open_needs(owner) == 0


def test_it_decides_nothing_that_came_after_the_page_was_shown(at_desk, owner, letter):
    before = (timezone.now() - timedelta(minutes=1)).isoformat()

    page = at_desk.post(f"{PAGE}let-be/", {"trouble": "unknown", "until": before}, follow=True).text
    assert "decided already" in page
    assert open_needs(owner) == 1


@pytest.mark.parametrize("said", [{}, {"trouble": "nonsense"}, {"trouble": "unknown", "until": "soon"}])
def test_it_keeps_to_what_it_understands(at_desk, letter, said):
    assert "Nothing was changed" in at_desk.post(f"{PAGE}let-be/", said, follow=True).text
    assert not Decision.objects.exists()


def test_it_leaves_a_reminder_that_is_repeated_by_itself(owner, write):
    reminder = put(write(), State.UNKNOWN)
    assert open_needs(owner) == 0

    Message.objects.filter(pk=reminder.pk).update(is_repeat=True)
    assert open_needs(owner) == 1


def test_it_asks_about_what_was_refused(at_desk, owner, write, ada):
    message = put(write(), State.REJECTED, "SendGrid answered 400: not an address.")

    page = at_desk.get(PAGE).text
    assert "SendGrid answered 400: not an address." in page
    assert reverse("contacts:edit", args=[ada.pk]) in page
    assert reverse("outbox:try_again", args=[message.pk]) in page


def test_it_asks_about_what_came_too_late_only_where_somebody_waited(at_desk, owner, write):
    put(write(content={"subject": "Reminder"}), State.EXPIRED)
    put(write(MessageClass.PARTNER, content={"subject": "Newsletter"}), State.EXPIRED)

    page = at_desk.get(PAGE).text
    assert "Reminder" in page
    assert "Newsletter" not in page
    assert "Send again" not in page


def test_it_asks_for_the_new_address_of_a_partners_person(at_desk, owner, bounced, ada):
    page = at_desk.get(PAGE).text
    assert "Did not arrive" in page
    assert "There is no such mailbox." in page
    assert reverse("contacts:edit", args=[ada.pk]) in page

    Contact.objects.filter(pk=ada.pk).update(email="new@example.com")
    assert open_needs(owner) == 0


def test_it_asks_once_for_an_address_however_much_came_back(at_desk, owner, write, bounced):
    again = put(write(), State.HANDED_OVER)
    report(again, Fate.DROPPED, "Bounced Address")

    assert at_desk.get(PAGE).text.count("Mend the address of") == 1
    decide(at_desk, "returned", message=bounced.pk)
    assert open_needs(owner) == 0


def test_it_forgets_the_addresses_of_those_who_are_no_partners(owner, bounced, ada):
    Partner.objects.update(archived_at=timezone.now())
    assert open_needs(owner) == 0


def test_it_asks_about_a_stranger_who_waits_for_a_confirmation(owner, write):
    report(put(write(MessageClass.PARTNER), State.HANDED_OVER), Fate.BOUNCED)
    assert open_needs(owner) == 0
    report(put(write(), State.HANDED_OVER), Fate.BOUNCED)
    assert open_needs(owner) == 1


def test_it_asks_anew_about_another_trouble(owner, write, letter):
    let_be(Message.objects.filter(pk=letter.pk), trouble=Trouble.UNKNOWN, by=owner)
    Message.objects.filter(pk=letter.pk).update(state=State.REJECTED)

    assert open_needs(owner) == 1


def test_it_goes_on_when_a_stopped_lane_is_mended(at_desk, owner):
    lane = Lane.objects.create(transport="sendgrid", is_stopped=True, reason="SendGrid does not accept the key.")
    page = at_desk.get(PAGE).text
    assert "Nothing leaves until this is mended" in page
    assert "SendGrid does not accept the key." in page

    assert "Sending goes on." in at_desk.post(f"{PAGE}go-on/sendgrid/", follow=True).text
    lane.refresh_from_db()
    assert (lane.is_stopped, lane.failures, lane.reason) == (False, 0, "")
    assert "goes on already" in at_desk.post(f"{PAGE}go-on/sendgrid/", follow=True).text
    assert at_desk.post(f"{PAGE}go-on/pigeon/").status_code == 404


def test_it_counts_what_waits_in_the_tray(at_desk, owner):
    InboundMail.objects.create(fingerprint=b"1" * 32, raw=b"x", state="tray")

    assert open_needs(owner) == 1
    assert "1 message came in" in at_desk.get(PAGE).text


def test_it_hides_password_links_from_who_may_only_look(assistant, owner, write):
    put(write(MessageClass.SYSTEM), State.REJECTED)

    assert open_needs(assistant) == 0
    assert open_needs(owner) == 1


def test_it_counts_no_further_than_anybody_reads(owner, ada, django_assert_num_queries):
    content = Content.objects.create(subject="Autumn", text="Hello")
    same = {"contact": ada, "to_email": ada.email, "content": content, "message_class": "partner"}
    Message.objects.bulk_create(
        Message(dedupe_key=f"n:{number}", state=State.REJECTED, settled_at=timezone.now(), **same)
        for number in range(120)
    )
    owner.has_perm("mail.view_message")

    with django_assert_num_queries(1):
        assert open_needs(owner) == 99


def test_it_names_a_letter_as_its_reader_sees_it(at_desk, write):
    words = {"subject": "[[first_name|Hello]], two dates"}
    put(write(MessageClass.PARTNER, content=words, values={"first_name": "Ada"}), State.UNKNOWN, "The line broke.")

    page = at_desk.get(PAGE).text
    assert "Ada, two dates" in page
    assert "[[first_name" not in page
