"""The loopback SendGrid itself: what it is told, what it took, and the server it stands on."""

from __future__ import annotations

import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable

from tests.fakes.sendgrid import account, events, rendering
from tests.fakes.sendgrid.script import Rule, Script
from tests.fakes.sendgrid.wire import Server

MESSAGE_ID = "rapport_message"
MESSAGE_IN_BODY = re.compile(rb'"rapport_message":\s*"([^"]+)"')


class FakeSendGrid:
    """``accepted`` holds the requests that were taken, in order; what happened to the answer is another matter.

    ``script(Rule(...), ...)`` tells it how to fail. The plain attributes ``status``, ``answer_headers``, ``hangs`` and
    ``drops_connection`` do the same for every request that no rule is for. With ``is_lenient`` it is a sink for
    benchmarks: it takes everything, counts recipients and keeps their ids alone.
    """

    def __init__(
        self, key: str = "SG.fake", *, seed: int = 0, latency: float = 0.0, is_lenient: bool = False, port: int = 0
    ) -> None:
        self.key = key
        self.seed = seed
        self.is_lenient = is_lenient
        self.lock = threading.Lock()
        self.signer = events.Signer()
        self.go_on = threading.Event()
        self.reset()
        self.latency = latency
        self.server = Server(self, port)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> FakeSendGrid:
        self.thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.go_on.set()
        self.server.shutdown()
        self.server.hang_up()
        self.server.server_close()
        self.thread.join()

    def reset(self) -> None:
        """Forget what was taken and what was told."""
        with self.lock:
            self.accepted: list[dict] = []
            self.headers: list[dict] = []
            self.accepted_count: Counter[str] = Counter()
            self.recipients: list[str] = []
            self.recipient_count = 0
            self.answers: Counter[int] = Counter()
            self.connections = 0
            self.cut_short = 0  # requests whose sender vanished before the last byte
            self.taken: dict[str, list[tuple[dict, dict, str]]] = defaultdict(list)
        self.latency = 0.0
        self.senders: set[str] | None = None  # the domains that may be written from; None: any
        self.status = 202
        self.answer_headers: dict[str, str] = {}
        self.hangs = False
        self.drops_connection = False
        self.rules = Script(seed=self.seed)
        self.account = account.healthy("harbour.example.com", self.public_key)
        self.account_status: dict[str, int] = {}
        self.got_one = threading.Event()
        self.go_on.clear()

    # What it is told

    def script(self, *rules: Rule) -> None:
        """From now on treat requests by these rules; none means as ever."""
        with self.lock:
            self.rules = Script(*rules, seed=self.seed)

    def rule_for(self, payload: dict | None) -> Rule:
        """How the request at hand is to be treated."""
        with self.lock:
            if rule := self.rules.pick(payload):
                return rule
        then = "hang up" if self.drops_connection else "answer"
        status = 0 if self.status == 202 else self.status
        return Rule(status=status, then=then, headers=self.answer_headers, holds=self.hangs)

    # The truth

    def take(self, payload: dict, headers: dict[str, str]) -> str:
        """Accept a request, for good; return its X-Message-Id."""
        with self.lock:
            self.accepted.append(payload)
            self.headers.append(headers)
            provider_id = f"fake-{len(self.accepted)}"
            shared = payload.get("custom_args", {})
            for part in payload["personalizations"]:
                self.recipients.extend(to["email"] for kind in ("to", "cc", "bcc") for to in part.get(kind, ()))
                if message_id := (part.get("custom_args") or shared).get(MESSAGE_ID):
                    self.accepted_count[message_id] += 1
                    self.taken[message_id].append((payload, part, provider_id))
            self.recipient_count = len(self.recipients)
        self.got_one.set()
        return provider_id

    def swallow(self, body: bytes) -> str:
        """Accept whatever this is, and keep no more of it than whom it was about."""
        found = [message_id.decode() for message_id in MESSAGE_IN_BODY.findall(body)]
        with self.lock:
            self.accepted_count.update(found)
            self.recipient_count += len(found)
            self.answers[202] += 1
            return f"fake-{self.answers[202]}"

    def rendered(self, message_id: object) -> rendering.Seen:
        """The accepted message as its recipient sees it; the last one, if it was accepted more than once."""
        payload, part, _ = self.taken[str(message_id)][-1]
        return rendering.seen(payload, part)

    # What it posts back

    @property
    def public_key(self) -> str:
        return self.signer.public_key

    def rotate_key(self) -> str:
        """Sign with a new pair from now on; return its public key."""
        self.signer = events.Signer()
        return self.public_key

    def events(
        self,
        message_ids: Iterable[object] | None = None,
        kinds: Iterable[str] = ("processed", "delivered"),
        *,
        at: int = 1_700_000_000,
        **more: object,
    ) -> list[dict]:
        """These kinds of event about each accepted message (None: about all), kind by kind, a second apart."""
        wanted = list(self.taken) if message_ids is None else [str(message_id) for message_id in message_ids]
        made = []
        for number, kind in enumerate(kinds):
            for message_id in wanted:
                _, part, provider_id = self.taken[message_id][-1]
                event = events.event_of(part, provider_id, kind, at=at + number, number=number)
                made.append({**event, **more})
        return made

    def signed(self, happened: list[dict] | bytes, *, timestamp: int | None = None) -> tuple[bytes, dict[str, str]]:
        """The body of one post, with the line break at its end, and the headers that vouch for it."""
        body = happened if isinstance(happened, bytes) else events.written(happened)
        return body, self.signer.headers(body, timestamp)

    def post_events(
        self,
        to: object,
        happened: list[dict] | None = None,
        *,
        order: str = "given",
        copies: int = 1,
        batch: int | None = None,
        seed: int | None = None,
        path: str = "/mail/events/",
    ) -> list[int]:
        """Post events to an address or through a Django test client, ``batch`` at a time; return the answers."""
        arranged = events.arranged(
            self.events() if happened is None else happened,
            order=order,
            copies=copies,
            seed=self.seed if seed is None else seed,
        )
        post = events.poster(to, path)
        return [post(*self.signed(part)) for part in events.slices(arranged, batch)]
