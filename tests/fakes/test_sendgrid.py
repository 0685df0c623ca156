"""The loopback SendGrid is judged here, for every other test of sending believes it."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sendgrid import EventWebhook

from tests.fakes.sendgrid import FakeSendGrid, Rule, limits

KEY = {"Authorization": "Bearer SG.fake", "Content-Type": "application/json"}
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def fake():
    with FakeSendGrid() as fake:
        yield fake


@pytest.fixture
def post(fake) -> Callable:
    """post(payload): the status, headers and JSON of the answer, on one kept connection."""
    link = http.client.HTTPConnection("127.0.0.1", fake.server.server_address[1], timeout=5)

    def make(payload, *, headers=KEY, path="/v3/mail/send", method="POST"):
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        link.request(method, path, body=body, headers=headers)
        answer = link.getresponse()
        words = answer.read()
        return answer.status, dict(answer.headers), json.loads(words) if words else None

    yield make
    link.close()


def letter(people: int = 1, **more) -> dict:
    return {
        "from": {"email": "hello@harbour.example.com", "name": "Harbour Physio"},
        "subject": "Hello",
        "content": [{"type": "text/plain", "value": "Hello %name%."}, {"type": "text/html", "value": "<p>%name%</p>"}],
        "personalizations": [
            {"to": [{"email": f"p{n}@example.com"}], "custom_args": {"rapport_message": f"m{n}"}} for n in range(people)
        ],
        **more,
    }


def to(*parts: dict) -> dict:
    return letter(personalizations=[{"to": [{"email": f"p{n}@example.com"}], **part} for n, part in enumerate(parts)])


def mailbox(email: object, **more) -> dict:
    return letter(personalizations=[{"to": [{"email": email, **more}]}])


def attached(**file) -> dict:
    return letter(attachments=[{"filename": "a.pdf", "type": "application/pdf", "content": "JVBERg==", **file}])


def headed(**headers) -> dict:
    return to({}, {"headers": {name.replace("_", "-"): value for name, value in headers.items()}})


def parts(*content: tuple[str, str]) -> dict:
    return letter(content=[{"type": kind, "value": value} for kind, value in content])


def test_it_takes_a_complete_letter(fake, post):
    status, headers, words = post(letter())

    assert (status, headers["X-Message-Id"], words) == (202, "fake-1", None)
    assert fake.accepted == [letter()]
    assert fake.accepted_count == {"m0": 1}
    assert fake.recipients == ["p0@example.com"]


@pytest.mark.parametrize(
    "payload",
    [
        letter(1000),
        to({"custom_args": {"a": "x" * 9_999}}, {"substitutions": {"%a%": "x" * 9_997}}),
        to({"substitutions": {f"%{n}%": "x" for n in range(150)}}),
        mailbox("ADA.o+1@xn--bcher-kva.example", name="Ada Okafor"),
        headed(List_Unsubscribe="<https://example.com/u/1>, <mailto:u@example.com>"),
        letter(categories=[str(n) * 25 for n in range(10)], send_at=int(time.time()) + 71 * 3600),
        parts(("text/html", "<p>Alone.</p>")),
        parts(("text/plain", "1"), ("text/html", "2"), ("text/calendar; method=REQUEST", "3")),
        to({"subject": "One"}, {"subject": "Two"}) | {"subject": ""},
        attached(disposition="inline", content_id="a"),
    ],
)
def test_it_takes_what_is_just_within_the_limits(post, payload):
    assert post(payload)[0] == 202


REFUSALS = [
    (letter(1001), "personalizations"),
    (letter(0), "personalizations"),
    (to({"bcc": [{"email": f"b{n}@example.com"} for n in range(1000)]}), "personalizations"),
    (to({}, {"to": [{"email": "P0@Example.com"}]}), "personalizations"),
    (to({"cc": [{"email": "p0@example.com"}]}), "personalizations"),
    (letter(personalizations=[{"to": []}]), "personalizations.0.to"),
    (to(*[{}] * 17, {"to": [{"email": "nobody"}]}), "personalizations.17.to.0.email"),
    (mailbox("ada@@example.com"), "personalizations.0.to.0.email"),
    (mailbox("ada@example"), "personalizations.0.to.0.email"),
    (mailbox("ada okafor@example.com"), "personalizations.0.to.0.email"),
    (mailbox("ada..o@example.com"), "personalizations.0.to.0.email"),
    (mailbox("ädä@example.com"), "personalizations.0.to.0.email"),
    (mailbox(f"{'a' * 250}@example.com"), "personalizations.0.to.0.email"),
    (mailbox("ada@example.com\r\nBcc: all@example.com"), "personalizations.0.to.0.email"),
    (mailbox("ada@example.com\n"), "personalizations.0.to.0.email"),
    (mailbox(None), "personalizations.0.to.0.email"),
    (mailbox("ada@example.com", name="Okafor, Ada"), "personalizations.0.to.0.name"),
    (mailbox("ada@example.com", name="Ada; Okafor"), "personalizations.0.to.0.name"),
    (to({"custom_args": {"n": 1}}), None),
    (to({"custom_args": {}}), "personalizations.0.custom_args"),
    (to({"custom_args": {"a": "é" * 5_000}}), "personalizations.0.custom_args"),
    (letter(custom_args={"a": "x" * 9_000}) | {"personalizations": to({"custom_args": {"b": "x" * 2_000}})["personalizations"]}, "personalizations.0.custom_args"),
    (to({"substitutions": {"%n%": 1}}), None),
    (to({}, {"substitutions": {"%a%": "é" * 5_000}}), "personalizations.1.substitutions"),
    (to({"substitutions": {f"%{n}%": "" for n in range(151)}}), "personalizations.0.substitutions"),
    (to({"substitutions": {"%a b%": "x"}}), "personalizations.0.substitutions"),
    (to({"subject": ""}), "personalizations.0.subject"),
    (to({"merge": {}}), "personalizations.0"),
    (headed(To="x@example.com"), "personalizations.1.headers.To"),
    (headed(reply_to="x@example.com"), "personalizations.1.headers.reply-to"),
    (headed(X="a\r\nBcc: x@example.com"), "personalizations.1.headers.X"),
    (headed(X="é"), "personalizations.1.headers.X"),
    (headed(X=1), "personalizations.1.headers.X"),
    (headed(Ä="x"), "personalizations.1.headers"),
    (letter(headers={"DKIM-Signature": "x"}), "headers.DKIM-Signature"),
    (letter(**{"from": {"email": "hällo@example.com"}}), "from.email"),
    (letter(**{"from": {"email": "hello@example.com", "name": "Café"}}), "from.name"),
    (letter(**{"from": {}}), "from.email"),
    ({name: value for name, value in letter().items() if name != "from"}, "from"),
    (letter(reply_to={"email": "nobody"}), "reply_to.email"),
    (letter(subject=""), "subject"),
    (letter(content=[]), "content"),
    (parts(("text/html", "2"), ("text/plain", "1")), "content"),
    (parts(("text/calendar", "1"), ("text/html", "2")), "content"),
    (parts(("text/plain", "")), "content.0.value"),
    (parts(("text/plain", "1"), ("", "2")), "content.1.type"),
    (attached(type="text/calendar; method=REQUEST"), "attachments.0.type"),
    (attached(content="not base64"), "attachments.0.content"),
    (attached(content=""), "attachments.0.content"),
    (attached(filename="a\n.pdf"), "attachments.0.filename"),
    (attached(disposition="hidden"), "attachments.0.disposition"),
    (letter(categories=[str(n) for n in range(11)]), "categories"),
    (letter(categories=["a", "a"]), "categories"),
    (letter(categories=["x" * 256]), "categories"),
    (letter(send_at=int(time.time()) + 73 * 3600), "send_at"),
    (letter(send_at="now"), "send_at"),
    (to({"send_at": int(time.time()) + 80 * 3600}), "personalizations.0.send_at"),
    (letter(tracking_settings={"click_tracking": {"enable": "no"}}), "tracking_settings.click_tracking.enable"),
    (letter(bcc=[]), "bcc"),
    (letter(content="Hello"), None),
    ([letter()], None),
    (b"{", None),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "field"), REFUSALS)
def test_it_refuses_the_whole_request_and_names_the_field(fake, post, payload, field):
    status, _, words = post(payload)

    assert (status, words["errors"][0]["field"]) == (400, field)
    assert not fake.accepted
    assert not fake.accepted_count


def test_it_refuses_words_that_are_not_utf8(post):
    assert post(b'{"subject": "\xff"}')[2]["errors"][0]["message"] == "Invalid UTF8 in request."


def test_it_refuses_what_is_too_large(fake, post, monkeypatch):
    monkeypatch.setattr("tests.fakes.sendgrid.wire.MOST_BYTES", 2_000)

    assert limits.MOST_BYTES == 30_000_000
    assert post(letter(content=[{"type": "text/plain", "value": "x" * 2_000}]))[0] == 413
    assert post(letter())[0] == 202


@pytest.mark.parametrize(
    ("status", "options"),
    [
        (401, {"headers": {"Content-Type": "application/json"}}),
        (401, {"headers": KEY | {"Authorization": "Bearer SG.other"}}),
        (404, {"path": "/v3/mail/sent"}),
        (405, {"method": "PUT"}),
        (415, {"headers": KEY | {"Content-Type": "text/plain"}}),
        (415, {"headers": KEY | {"Content-Encoding": "gzip"}}),
    ],
)
def test_it_refuses_what_is_no_request_to_send(fake, post, status, options):
    assert post(letter(), **options)[0] == status
    assert not fake.accepted


def test_it_refuses_a_sender_that_nobody_has_verified(fake, post):
    fake.senders = {"example.org"}

    status, _, words = post(letter())
    assert (status, words["errors"][0]["field"]) == (403, "from")


def test_it_only_checks_in_the_sandbox(fake, post):
    sandbox = {"mail_settings": {"sandbox_mode": {"enable": True}}}

    assert post(letter(**sandbox))[0] == 200
    assert post(letter(subject="", **sandbox))[0] == 400
    assert not fake.accepted


def test_it_answers_as_often_as_told_and_then_as_ever(fake, post):
    fake.script(Rule(status=429, times=2, headers={"Retry-After": "7"}), Rule(status=503, times=1))

    answers = [post(letter())[:2] for _ in range(4)]
    assert [status for status, _ in answers] == [429, 429, 503, 202]
    assert answers[0][1]["Retry-After"] == "7"
    assert fake.answers == {429: 2, 503: 1, 202: 1}


def test_it_fails_the_same_fraction_in_the_same_order_for_one_seed(fake, post):
    runs = []
    for _ in range(2):
        fake.script(Rule(status=429, fraction=0.3))
        runs.append([post(letter())[0] for _ in range(60)])

    assert runs[0] == runs[1]
    assert 8 <= runs[0].count(429) <= 28


def test_it_takes_a_request_and_says_that_it_failed(fake, post):
    fake.script(Rule(status=500, accepts=True, times=1))

    assert post(letter())[0] == 500
    assert fake.accepted_count == {"m0": 1}


def test_it_dislikes_one_address_with_and_without_a_name(fake, post):
    fake.script(Rule(status=400, to="P3@example.com", times=1), Rule(status=400, to="p3@example.com", names=False))

    named, unnamed = (post(letter(5))[2]["errors"][0] for _ in range(2))
    assert named == {"message": limits.NO_ADDRESS, "field": "personalizations.3.to.0.email", "help": None}
    assert unnamed == {"message": "Bad Request", "field": None, "help": None}
    assert post(letter(3))[0] == 202


@pytest.mark.parametrize(
    ("then", "problem"),
    [("reset", ConnectionResetError), ("hang up", http.client.RemoteDisconnected), ("half", OSError)],
)
def test_it_breaks_off(fake, post, then, problem):
    fake.script(Rule(then=then, times=1))

    with pytest.raises(problem):
        post(letter(300))
    assert len(fake.accepted) == (then != "half")


def test_it_closes_a_kept_connection_without_a_word(fake, post):
    fake.script(Rule(then="close", times=1))

    status, headers, _ = post(letter())
    assert (status, "Connection" in headers) == (202, False)
    with pytest.raises((OSError, http.client.BadStatusLine)):
        post(letter())
    assert len(fake.accepted) == 1


def test_it_holds_an_answer_until_it_is_released(fake, post):
    fake.script(Rule(holds=True, times=1), Rule(then="silence"))
    link = http.client.HTTPConnection("127.0.0.1", fake.server.server_address[1], timeout=5)
    link.request("POST", "/v3/mail/send", body=json.dumps(letter()), headers=KEY)

    assert fake.got_one.wait(5)
    assert fake.accepted_count == {"m0": 1}
    fake.go_on.set()
    with link.getresponse() as answer:
        assert answer.status == 202
    link.close()
    with pytest.raises(http.client.RemoteDisconnected):
        post(letter())


def test_it_shows_what_a_recipient_sees(fake, post):
    values = {"%name%": "%next%", "%next%": "<b>Ada</b>", "%a%": "%b%", "%b%": "%a%"}
    payload = to({"substitutions": values, "custom_args": {"rapport_message": "m0"}})
    payload |= {"subject": "For %name%", "reply_to": {"email": "hello@example.com"}}
    post(payload)

    seen = fake.rendered("m0")
    assert (seen.subject, seen.text, seen.html) == ("For <b>Ada</b>", "Hello <b>Ada</b>.", "<p><b>Ada</b></p>")
    assert (seen.to_email, seen.reply_to) == ("p0@example.com", "hello@example.com")


def test_it_signs_events_as_sendgrids_own_package_reads_them(fake, post):
    post(letter(2))
    body, headers = fake.signed(fake.events())
    signature, timestamp = (headers[f"X-Twilio-Email-Event-Webhook-{name}"] for name in ("Signature", "Timestamp"))
    judge = EventWebhook(fake.public_key)

    assert body.endswith(b"\r\n")
    assert judge.verify_signature(body.decode(), signature, timestamp)
    assert not judge.verify_signature(body.decode().strip(), signature, timestamp)
    old_key = fake.public_key
    assert fake.rotate_key() != old_key
    assert not EventWebhook(fake.public_key).verify_signature(body.decode(), signature, timestamp)


def test_it_tells_what_became_of_each_message(fake, post):
    post(letter(2))

    events = fake.events(["m0"], ["processed", "deferred", "bounce", "blocked", "dropped", "spamreport"])
    assert [event["event"] for event in events] == [
        "processed",
        "deferred",
        "bounce",
        "bounce",
        "dropped",
        "spamreport",
    ]
    assert {event["rapport_message"] for event in events} == {"m0"}
    assert len({event["sg_event_id"] for event in events}) == 6
    assert all(event["sg_message_id"].startswith("fake-1.") for event in events)
    assert (events[2]["type"], events[2]["status"], events[3]["type"]) == ("bounce", "5.1.1", "blocked")
    assert fake.events(["m0"]) == fake.events(["m0"])


class Receiver:
    """Stands in for Django's test client."""

    def __init__(self) -> None:
        self.events: list[dict] = []
        self.sizes: list[int] = []

    def post(self, path, *, data, content_type, headers):
        got = json.loads(data)
        self.events += got
        self.sizes.append(len(got))
        return type("Answer", (), {"status_code": 204})


@pytest.mark.parametrize("order", ["given", "reversed", "shuffled"])
def test_it_posts_events_in_any_order_and_number(fake, post, order):
    post(letter(3))
    receiver = Receiver()

    assert fake.post_events(receiver, order=order, copies=2, batch=5) == [204, 204, 204]
    assert receiver.sizes == [5, 5, 2]
    assert sorted(map(str, receiver.events)) == sorted(map(str, fake.events() * 2))
    if order != "shuffled":
        assert receiver.events == (fake.events() * 2)[:: -1 if order == "reversed" else 1]


def test_it_says_how_the_account_is_set_up(fake, post):
    ask = {"method": "GET", "headers": {"Authorization": "Bearer SG.fake"}}

    for path in list(fake.account):
        assert post(b"", path=path, **ask)[0] == 200
    webhooks = post(b"", path="/v3/user/webhooks/event/settings/all", **ask)[2]["webhooks"]
    assert webhooks[0]["public_key"] == fake.public_key
    fake.account["/v3/verified_senders"] = {"results": []}
    fake.account_status["/v3/scopes"] = 403
    assert post(b"", path="/v3/verified_senders?limit=5", **ask)[2] == {"results": []}
    assert post(b"", path="/v3/scopes", **ask)[0] == 403
    assert post(b"", path="/v3/nothing", **ask)[0] == 404
    assert post(b"", path="/v3/scopes", method="GET", headers={})[0] == 401


@pytest.mark.parametrize("mode", [[], ["--lenient"]])
def test_it_runs_as_a_process_of_its_own(mode):
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.sendgrid", *mode],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        link = http.client.HTTPConnection("127.0.0.1", int(process.stdout.readline()), timeout=5)

        def ask(method: str, path: str, payload: object = None) -> tuple[int, object]:
            link.request(method, path, body=json.dumps(payload), headers=KEY)
            answer = link.getresponse()
            return answer.status, json.loads(answer.read() or b"null")

        assert ask("POST", "/v3/mail/send", letter(3))[0] == 202
        assert ask("POST", "/fake/script", [{"status": 429, "times": 1}])[0] == 200
        assert ask("POST", "/v3/mail/send", letter(3))[0] == (202 if mode else 429)
        truth = ask("GET", "/fake/accepted")[1]
        assert truth["accepted"] == dict.fromkeys(("m0", "m1", "m2"), 2 if mode else 1)
        assert (truth["requests"], truth["connections"]) == (2, 1)
        link.close()
        process.stdin.close()
        assert process.wait(10) == 0
