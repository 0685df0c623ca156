"""The inbox in the office: what came in is only ever words and files to keep."""

import pytest
from django.urls import reverse

from crm.mail.inbound import look_through
from crm.mail.models import InboundMail, MessageClass, Suppression
from crm.mail.receiving import keep
from crm.people.models import Purpose
from tests.mail.arriving import mail

pytestmark = pytest.mark.django_db
State = InboundMail.State
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def arrive(raw: bytes, **fields: bytes) -> InboundMail:
    kept = keep({"email": raw, **fields})
    look_through()
    kept.refresh_from_db()
    return kept


@pytest.fixture
def reply(write, ada) -> InboundMail:
    """Ada's answer to a letter, with a file."""
    letter = write(MessageClass.PARTNER, content={"subject": "Autumn news"})
    body = (
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nWe would love to.\r\n"
        '--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename="page.html"\r\n\r\n'
        f"{EVIL}\r\n--b--\r\n"
    )
    return arrive(
        mail(body, In_Reply_To=f"<{letter.pk}@x>", Content_Type="multipart/mixed; boundary=b"),
        dkim=b"{@example.com : pass}",
        SPF=b"pass",
    )


def page(name: str, mail: InboundMail, *more) -> str:
    return reverse(f"inbox:{name}", args=[mail.pk, *more])


def test_it_lists_what_came_in(client, owner, reply):
    client.force_login(owner)
    shown = client.get(reverse("inbox:index")).text

    assert "Ada Okafor" in shown
    assert "In the tray" in shown
    assert page("inspect", reply) in shown


def test_it_says_how_mail_would_come_in(client, owner):
    client.force_login(owner)

    assert "No mail came in." in client.get(reverse("inbox:index")).text


def test_it_finds_by_state_and_by_words(client, owner, reply):
    client.force_login(owner)
    arrive(mail(subject="Parking", sender="bo@example.com"))

    assert "Parking" not in client.get(reverse("inbox:index"), {"q": "ada@"}).text
    assert "Parking" in client.get(reverse("inbox:index"), {"q": "park"}).text
    assert "Parking" not in client.get(reverse("inbox:index"), {"state": "done"}).text


def test_it_shows_one_mail(client, owner, reply):
    client.force_login(owner)
    shown = client.get(page("inspect", reply)).text

    assert "We would love to." in shown
    assert "Signed by example.com: it comes from where it says." in shown
    assert "A reply to “Autumn news”." in shown
    assert reverse("outbox:inspect", args=[reply.answers_id]) in shown
    assert reverse("contacts:edit", args=[reply.contact_id]) in shown
    assert "page.html" in shown


@pytest.mark.parametrize(
    ("dkim", "spf", "words"),
    [
        (b"{@example.com : pass}", b"fail", "Signed by example.com"),
        (b"{@mail.example.com : pass}", b"", "Signed by example.com"),
        (b"{@evil.example.org : pass}", b"pass", "that its sender&#x27;s domain allows (SPF), but it is not signed"),
        (b"{@example.com : fail}", b"pass", "It may be forged"),
        (b"none", b"softfail", "It may be forged"),
        (b"none", b"none", "Nothing vouches for its sender."),
    ],
)
def test_it_says_whether_to_trust_it(client, owner, dkim, spf, words):
    client.force_login(owner)

    found = arrive(mail(), dkim=dkim, SPF=spf, envelope=b'{"from": "ada@mail.example.com"}')
    assert words in client.get(page("inspect", found)).text


def test_it_does_not_trust_a_name_because_of_the_envelopes_own_domain(client, owner):
    client.force_login(owner)
    forged = arrive(mail(), dkim=b"none", SPF=b"pass", envelope=b'{"from": "eve@evil.example.org"}')

    assert "Nothing vouches for its sender." in client.get(page("inspect", forged)).text


def test_it_stands_in_the_history_of_what_it_answers(client, owner, reply):
    client.force_login(owner)
    arrive(mail("away", In_Reply_To=f"<{reply.answers_id}@x>", Auto_Submitted="auto-replied"))

    shown = client.get(reverse("outbox:inspect", args=[reply.answers_id])).text
    assert "They answered: “Hello”." in shown
    assert "It is an automatic reply about “Autumn news”." in shown


def test_it_shows_words_and_no_scripts(client, owner):
    client.force_login(owner)
    evil = arrive(mail(EVIL, subject=EVIL, sender=f'"{EVIL}" <eve@example.com>', Content_Type="text/html"))
    plain = arrive(mail(EVIL, subject=EVIL))

    for address in (page("inspect", evil), page("inspect", plain), reverse("inbox:index")):
        assert "<script>alert" not in client.get(address).text
        assert "<img src=x" not in client.get(address).text


def test_it_hands_files_out_to_be_kept_only(client, owner, reply):
    client.force_login(owner)
    answer = client.get(page("file", reply, 1))

    assert EVIL.encode() in answer.content
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="page.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert client.get(page("file", reply, 2)).status_code == 404
    assert client.get(page("file", reply, 0)).status_code == 404


def test_it_shows_the_source_as_text(client, owner, reply):
    client.force_login(owner)
    answer = client.get(page("raw", reply))

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "In-Reply-To: <" in answer.text


def test_it_is_done_and_put_back(client, assistant, reply):
    client.force_login(assistant)

    assert "Done. The mail is out of the tray." in client.post(page("done", reply), follow=True).text
    reply.refresh_from_db()
    assert (reply.state, reply.by) == (State.DONE, assistant)
    assert "already" in client.post(page("done", reply), follow=True).text
    assert "in the tray again" in client.post(page("back", reply), follow=True).text
    reply.refresh_from_db()
    assert (reply.state, reply.by, reply.handled_at) == (State.TRAY, None, None)
    assert "already" in client.post(page("back", reply), follow=True).text


def test_it_takes_the_sender_off_all_letters(client, owner, reply, ada):
    client.force_login(owner)

    assert "is off all letters" in client.post(page("unsubscribe", reply), follow=True).text
    reply.refresh_from_db()
    assert (reply.state, reply.by) == (State.DONE, owner)
    assert Suppression.objects.of("ada@example.com").get().reason == Suppression.Reason.UNSUBSCRIBED
    said = ada.consents.filter(purpose=Purpose.NEWS).first()
    assert (said.source, said.by) == ("unsubscribe by mail", owner)
    assert "Unsubscribe the sender" not in client.get(page("inspect", reply)).text


def test_it_takes_off_a_sender_nobody_knows(client, owner):
    client.force_login(owner)
    client.post(page("unsubscribe", arrive(mail(sender="who@example.com"))))

    assert Suppression.objects.of("who@example.com").exists()


@pytest.mark.parametrize("name", ["inspect", "raw", "done", "back", "unsubscribe"])
def test_it_is_for_those_who_may(client, viewer, reply, name):
    ask = client.get if name in ("inspect", "raw") else client.post
    assert "/admin/login/" in ask(page(name, reply))["Location"]

    client.force_login(viewer)
    answer = ask(page(name, reply))
    assert answer.status_code in (302, 403)
    assert answer.status_code == 403 or answer["Location"] == "/admin/"
    reply.refresh_from_db()
    assert reply.state == State.TRAY


@pytest.mark.parametrize("name", ["done", "back", "unsubscribe"])
def test_it_changes_nothing_when_somebody_only_looks(client, owner, reply, name):
    client.force_login(owner)

    assert client.get(page(name, reply)).status_code == 405


def test_it_shows_a_mail_nobody_could_read(client, owner):
    client.force_login(owner)

    assert client.get(page("inspect", arrive(b"\0\xff"))).status_code == 200
