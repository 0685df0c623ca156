"""Everything that ever happened with one partner, newest first, in one line of time and one query.

Each sort of entry is a source. Higher rooms add theirs with the hook ``partner_timeline``, which returns a Source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, DateTimeField, ExpressionWrapper, F, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, JSONObject, NullIf
from django.urls import reverse
from django.utils import timezone
from wagtail import hooks

from crm.mail.models import Message
from crm.people.composed import ask
from crm.people.models import Contact
from partners.models import FollowUp, Gift, Partner, Referral, Script, SentReferral, Tier, Touch
from partners.models.partner import STAGE_LABELS
from partners.models.touch import gave

PER_PAGE = 25
SHORT_DAY = timedelta(hours=12)  # a day without an hour stands at its noon
Words = dict[str, Any]


@dataclass
class Entry:
    """One line: when, what sort (it chooses the icon), what, and who did it. ``touch`` is the key of a touch."""

    at: datetime
    sort: str
    title: str
    text: str = ""
    by: str = ""
    url: str = ""
    touch: str = ""
    is_gone: bool = False
    tags: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    """One sort of entry: its rows, when each happened, which person it is about, what it says, and how that is drawn."""

    sort: str
    label: str
    rows: Callable[[Partner], QuerySet]
    at: Any
    words: Mapping[str, Any]
    draw: Callable[[datetime, str, Words], Entry]
    who: str = ""


@dataclass(frozen=True)
class Wanted:
    """Which entries are asked for; what makes no sense is as if it were not said."""

    what: str = ""
    who: int | None = None
    year: int | None = None
    page: int = 1

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Wanted:
        """What the address says."""
        whats = {name for name, _label in choices()}
        what, year = asked.get("what", ""), _number(asked.get("year", ""))
        return cls(
            what=what if what in whats else "",
            who=_number(asked.get("who", "")),
            year=year if year and 1900 < year < 2200 else None,
            page=max(1, _number(asked.get("page", "")) or 1) if len(asked.get("page", "")) < 5 else 1,
        )

    def __bool__(self) -> bool:
        return bool(self.what or self.who or self.year)

    def address(self, page: int) -> str:
        """The same choice, another page."""
        said = {"what": self.what, "who": self.who, "year": self.year, "page": page if page > 1 else None}
        return "?" + urlencode({name: value for name, value in said.items() if value})

    @property
    def newer(self) -> str:
        return self.address(self.page - 1) if self.page > 1 else ""

    @property
    def older(self) -> str:
        return self.address(self.page + 1)


MOVED = {"stage": STAGE_LABELS, "tier": dict(Tier.choices)}
ONLY = {"gives": ("Only gives", gave()), "asks": ("Only asks", Q(is_ask=True))}


def choices() -> list[tuple[str, str]]:
    """What the timeline can be narrowed to."""
    only = [(name, label) for name, (label, _flag) in ONLY.items()]
    return [*only, *((source.sort, source.label) for source in sources())]


def years(first_at: datetime | None) -> list[int]:
    """From now back to the first touch."""
    now = timezone.localdate().year
    return list(range(now, min(now, timezone.localdate(first_at).year) - 1, -1)) if first_at else [now]


def page_of(partner: Partner, wanted: Wanted) -> tuple[list[Entry], bool]:
    """Return one page of a partner's timeline, and whether there is an older one; one query."""
    draw = {source.sort: source.draw for source in sources() if _is_wanted(source, wanted)}
    if not draw:
        return [], False
    moves_of = ContentType.objects.get_for_model(Partner).pk
    if wanted.who or wanted.year:
        found = list(_lines(wanted, moves_of, now=timezone.now(), key=partner.pk))
    else:
        found = ask(_lines, wanted, moves_of, now=timezone.now(), key=partner.pk)
    entries = [draw[sort](at, key, words) for at, sort, key, words in found]
    return entries[:PER_PAGE], len(found) > PER_PAGE


def _lines(wanted: Wanted, moves_of: int, *, now: datetime, key: int) -> QuerySet:
    """The lines of one page and one more; ``moves_of`` is the type that the change history knows partners by."""
    last = wanted.page * PER_PAGE + 1
    asked = [source for source in sources() if _is_wanted(source, wanted)]
    first, *rest = [_rows(source, Partner(pk=key), wanted)[:last] for source in asked]
    both = first.union(*rest, all=True).order_by("-line_at", "-key") if rest else first
    return both[last - PER_PAGE - 1 : last]


def _is_wanted(source: Source, wanted: Wanted) -> bool:
    if wanted.who and not source.who:
        return False
    return not wanted.what or wanted.what == source.sort or (wanted.what in ONLY and source.sort == "touch")


def _rows(source: Source, partner: Partner, wanted: Wanted) -> QuerySet:
    rows = source.rows(partner).order_by().annotate(line_at=F(source.at) if isinstance(source.at, str) else source.at)
    if wanted.who:
        rows = rows.filter(**{source.who: wanted.who})
    if wanted.what in ONLY:
        rows = rows.filter(ONLY[wanted.what][1])
    if wanted.year:
        ends = [timezone.make_aware(datetime(year, 1, 1)) for year in (wanted.year, wanted.year + 1)]  # noqa: DTZ001
        rows = rows.filter(line_at__gte=ends[0], line_at__lt=ends[1])
    rows = rows.annotate(sort=Value(source.sort), key=Cast("pk", CharField()), words=JSONObject(**source.words))
    return rows.order_by("-line_at", "-key").values_list("line_at", "sort", "key", "words")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def name_of(path: str) -> Coalesce:
    """How a contact is called."""
    return Coalesce(NullIf(F(f"{path}name"), Value("")), F(f"{path}email"), output_field=CharField())


def user_at(path: str) -> JSONObject:
    return JSONObject(first=f"{path}__first_name", last=f"{path}__last_name", email=f"{path}__email")


def _by(words: Words) -> str:
    by = words["by"]
    return f"{by['first'] or ''} {by['last'] or ''}".strip() or by["email"] or ""


def _touch(at: datetime, key: str, words: Words) -> Entry:
    touch = Touch(**{name: words[name] for name in TOLD})
    people = ", ".join(words["people"])
    title = f"{touch.get_kind_display()} with {people}" if people else touch.get_kind_display()
    script = [f"Script: {Script(group=words['group'], stage=words['stage'])}"] if words["group"] else []
    return Entry(
        at, "touch", title, touch.summary, _by(words), touch=key, is_gone=words["gone"] is not None,
        tags=touch.tags, details=[*touch.details, *script],
    )  # fmt: skip


def _done(at: datetime, key: str, words: Words) -> Entry:
    return Entry(at, "done", f"Done: {words['title']}", words["outcome"], _by(words))


def _referral(at: datetime, key: str, words: Words) -> Entry:
    who = f"{words['who']} sent" if words["who"] else "They sent"
    state = Referral.State(words["state"]).label.lower()
    tags = ["thanked"] if words["thanked"] else ["not thanked yet"]
    return Entry(
        at, "referral", f"{who} us someone", f"R-{words['code']}, {state}.",
        url=reverse("referrals:inspect", args=[key]), tags=tags,
    )  # fmt: skip


def _sent(at: datetime, key: str, words: Words) -> Entry:
    state = SentReferral.State(words["state"]).label.lower()
    return Entry(at, "sent", "We sent them someone", f"{words['code']}, {state}.", _by(words))


def _move(at: datetime, key: str, words: Words) -> Entry:
    """A stage, a tier, or who was merged into this partner: all from its change history."""
    changes, by = words["changes"], _by(words)
    parted, merged = changes.get("merged", ("", ""))
    if merged or parted:
        said = f"{merged} was merged into this partner" if merged else f"{parted} is a partner of its own again"
        return Entry(at, "merge", said, by=by)
    name = "stage" if "stage" in changes else "tier"
    was, now = (MOVED[name].get(value, value) for value in changes[name])
    reason = changes.get("let_through") or changes.get("off_ramp_reason") or ["", ""]
    return Entry(at, "stage", f"Moved from {was} to {now}", reason[1] if reason[1] != "None" else "", by)


def _letter(at: datetime, key: str, words: Words) -> Entry:
    letter = Message(state=words["state"], fate=words["fate"])
    title = f"E-mail to {words['who']}: {words['subject']}"
    return Entry(at, "letter", title, url=reverse("outbox:inspect", args=[key]), tags=[letter.standing.lower()])


def _gift(at: datetime, key: str, words: Words) -> Entry:
    gift = Gift(what=words["what"], value_cents=words["value"])
    title = f"Gave {words['who']}: {gift.what}" if words["who"] else f"Gave: {gift.what}"
    url = reverse("gifts:inspect", args=[key])
    return Entry(at, "gift", title, words["purpose"], _by(words), url=url, tags=[f"${gift.dollars}"])


def _of(model: type[Model], **fixed: Any) -> Callable[[Partner], QuerySet]:
    return lambda partner: model._default_manager.filter(partner=partner, **fixed)


def _referrals(partner: Partner) -> QuerySet:
    return Referral.objects.standing().filter(partner=partner)


def _gifts(partner: Partner) -> QuerySet:
    return Gift.objects.standing().of(partner)


def _moves(partner: Partner) -> QuerySet:
    moves = LogEntry.objects.get_for_object(partner).filter(action=LogEntry.Action.UPDATE)
    return moves.filter(changes__has_any_keys=["merged", *MOVED])


def _letters(partner: Partner) -> QuerySet:
    return Message.objects.filter(contact__in=partner.roles.order_by().values("contact"))


TOLD = (
    *("kind", "summary", "is_give", "is_ask", "outcome", "learned", "ask_reason", "direction", "counts_for_cadence"),
    *("minutes", "cost_cents"),
)
PEOPLE = Contact.objects.order_by("name").filter(touches=OuterRef("pk")).values(called=name_of(""))
OURS = (
    Source(
        "touch", "Touches", _of(Touch), "occurred_at",
        {**{name: name for name in TOLD}, "gone": "taken_back_at", "people": ArraySubquery(PEOPLE), "by": user_at("by"),
         "group": "script__group", "stage": "script__stage"},
        _touch, "contacts",
    ),
    Source(
        "referral", "Referrals", _referrals, "received_at",
        {"code": "code", "state": "state", "thanked": "thanked_at",
         "who": name_of("referred_by__")},
        _referral, "referred_by",
    ),
    Source(
        "sent", "People we sent", _of(SentReferral, taken_back_at=None), "sent_at",
        {"code": "code", "state": "state", "by": user_at("by")}, _sent, "contact",
    ),
    Source(
        "done", "To dos done", _of(FollowUp, done_at__isnull=False, taken_back_at=None), "done_at",
        {"title": "title", "outcome": "outcome", "by": user_at("by")}, _done, "contact",
    ),
    Source(
        "letter", "E-mail", _letters, "created_at",
        {"subject": "content__subject", "who": name_of("contact__"), "state": "state", "fate": "fate"},
        _letter, "contact",
    ),
    Source(
        "gift", "Gifts", _gifts,
        ExpressionWrapper(Cast("given_on", DateTimeField()) + Value(SHORT_DAY), output_field=DateTimeField()),
        {"what": "what", "purpose": "purpose", "value": "value_cents", "who": name_of("contact__"), "by": user_at("by")},
        _gift, "contact",
    ),
    Source("stage", "Moves", _moves, "timestamp", {"changes": "changes", "by": user_at("actor")}, _move),
)  # fmt: skip


def sources() -> list[Source]:
    """Ours, and those of the rooms above."""
    return [*OURS, *(source() for source in hooks.get_hooks("partner_timeline"))]
