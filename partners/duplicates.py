"""Is this partner here already, under the same name, number or address? And which two of ours may be one?

An equal e-mail address, phone number or website says so by itself, and so does a name that is as good as the same in
one city. Where both streets are known and differ, name and website prove nothing: they are two branches of one house.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import combinations
from time import monotonic

import phonenumbers
from django.db import connection
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils import timezone
from rapidfuzz import fuzz, process

from crm.people.composed import AnyOf, records
from crm.people.models import PracticeProfile, User
from partners.imports.matching import SHARED_HOSTS, plain, plain_street
from partners.imports.values import read_domain, spelled
from partners.models import Lookalikes, NotTwins, Partner, Role

ALIKE = 90.0  # of 100, as letters that two names share
LONGEST_ALIKE = (200 - ALIKE) / ALIKE  # so much longer at most is a name that alike
SAME_END = 3  # letters
SHARED_BY_MANY = 8  # a number or address that more partners have is a head office's, and tells nobody apart
SHOWN = 5
LOOKED_AT_WITHIN = 60  # seconds: as often as the worker looks
EDITION = """
    SELECT concat(count(*), '.', coalesce(sum(hashtextextended(
        concat_ws(chr(31), id, archived_at IS NULL, name, city, street, phone, website, email), 0)), 0))
    FROM partners_partner
"""

NAME, NEARLY = "name", "name but for a few letters"


@dataclass(frozen=True)
class Twin:
    """A partner that may be the same one, and what the two share."""

    partner: Partner
    shares: str


@dataclass(frozen=True)
class Pair:
    """Two of our partners that may be one, and everything they share."""

    first: int
    second: int
    shares: tuple[str, ...]

    def other(self, pk: int) -> int:
        return self.second if pk == self.first else self.first


@dataclass(frozen=True)
class Marks:
    """What a partner is recognised by, each spelt one way."""

    pk: int | None
    name: str
    city: str
    street: str
    phone: str
    website: str
    email: str

    @cached_property
    def letters(self) -> str:
        return self.name.replace(" ", "")

    @property
    def numbers(self) -> list[str]:
        return re.findall(r"\d+", self.name)


@dataclass(frozen=True)
class Known:
    """The pairs that were found at some time, and which of them each partner is in."""

    found_at: float
    pairs: list[Pair]

    @cached_property
    def of_partner(self) -> dict[int, list[Pair]]:
        them: dict[int, list[Pair]] = defaultdict(list)
        for pair in self.pairs:
            them[pair.first].append(pair)
            them[pair.second].append(pair)
        return dict(them)


_kept: dict[str, Known] = {}

COLUMNS = ("pk", "name", "city", "street", "phone", "website", "email")


def twins_of(new: Partner) -> list[Twin]:
    """The partners, archived ones too, that share a name, phone, website or e-mail address with this one."""
    country = PracticeProfile.load().country
    wanted = _marks(country, *(getattr(new, column) for column in COLUMNS))
    known = Partner.objects.filter(merged_into=None).exclude(pk=new.pk).order_by("pk")
    found: dict[int, str] = {}
    for row in known.values_list(*COLUMNS).iterator(2000):
        if shared := _shared(wanted, _marks(country, *row)):
            found[row[0]] = shared[0]
        if len(found) == SHOWN:
            break
    partners = Partner.objects.in_bulk(found)
    return [Twin(partners[pk], shares) for pk, shares in found.items()]


def pairs() -> list[Pair]:
    """Any two current partners that may be one and of which nobody said that they are two; most in common first."""
    return _standing(_found())


def _found() -> list[Pair]:
    """Any two current partners that may be one, whatever was said of them."""
    country = PracticeProfile.load().country
    ours = [_marks(country, *row) for row in Partner.objects.current().order_by("pk").values_list(*COLUMNS)]
    seen: set[tuple[int, int]] = set()
    found = []
    for one, other in _candidates(ours):
        first, second = (one, other) if (one.pk or 0) < (other.pk or 0) else (other, one)
        key = (first.pk or 0, second.pk or 0)
        if key in seen:
            continue
        seen.add(key)
        if shared := _shared(first, second):
            found.append(Pair(*key, tuple(shared)))
    return sorted(found, key=lambda pair: (-len(pair.shares), pair.shares[0] == NEARLY, pair.first, pair.second))


def _candidates(ours: list[Marks]) -> Iterator[tuple[Marks, Marks]]:
    """Two with an equal mark, or with names that are alike."""
    for mark in ("email", "phone", "website", "name"):
        holders: dict[str, list[Marks]] = defaultdict(list)
        for partner in ours:
            if value := getattr(partner, mark):
                holders[value].append(partner)
        for group in holders.values():
            if len(group) <= SHARED_BY_MANY or mark == "name":
                yield from combinations(group[: 4 * SHARED_BY_MANY], 2)
    yield from _alike(ours)


def _alike(ours: list[Marks]) -> Iterator[tuple[Marks, Marks]]:
    """Compare only names that begin or end alike, each with those a little longer: others are hardly ever one."""
    for end in (slice(None, SAME_END), slice(-SAME_END, None)):
        groups: dict[str, list[Marks]] = defaultdict(list)
        for partner in ours:
            if partner.letters:
                groups[partner.letters[end]].append(partner)
        for group in groups.values():
            yield from _alike_within(sorted(group, key=lambda partner: len(partner.letters)))


def _alike_within(by_length: list[Marks]) -> Iterator[tuple[Marks, Marks]]:
    letters = [partner.letters for partner in by_length]
    lengths = [len(text) for text in letters]
    for place, text in enumerate(letters):
        end = bisect_right(lengths, lengths[place] * LONGEST_ALIKE, lo=place)
        if end > place + 1:
            near = letters[place + 1 : end]
            for _text, _score, at in process.extract(text, near, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=50):
                yield by_length[place], by_length[place + 1 + at]


def _shared(one: Marks, other: Marks) -> list[str]:
    """What two partners have in common, the name first."""
    is_elsewhere = bool(one.city and other.city and one.city != other.city)
    are_branches = is_elsewhere or bool(one.street and other.street and one.street != other.street)
    shared = []
    if not are_branches and (name := _same_name(one, other)):
        shared.append(name)
    if one.phone and one.phone == other.phone:
        shared.append("phone")
    if one.email and one.email == other.email:
        shared.append("e-mail address")
    if not are_branches and one.website and one.website == other.website:
        shared.append("website")
    return shared


def _same_name(one: Marks, other: Marks) -> str:
    if one.name == other.name:
        return NAME if one.name else ""
    is_alike = fuzz.ratio(one.letters, other.letters, score_cutoff=ALIKE) > 0
    return NEARLY if is_alike and one.numbers == other.numbers else ""  # Studio 1 is not Studio 2


def _marks(
    country: str, pk: int | None, name: str, city: str, street: str, phone: str, website: str, email: str
) -> Marks:
    domain = _domain(website)
    return Marks(
        pk,
        _plain(name),
        _plain(city),
        plain_street(street) if street else "",
        e164(phone, country) if phone else "",
        "" if SHARED_HOSTS.search(domain) else domain,
        email.strip().lower(),
    )


@lru_cache(maxsize=32_768)
def _plain(text: str) -> str:
    return plain(text) if text else ""


@lru_cache(maxsize=32_768)
def _domain(website: str) -> str:
    return read_domain(website) if website else ""


@lru_cache(maxsize=32_768)
def e164(written: str, country: str) -> str:
    """The number as telephone exchanges know it; empty when it can't be one."""
    return spelled(written, country, phonenumbers.PhoneNumberFormat.E164)


def partners_of(found: Iterable[Pair]) -> dict[int, Partner]:
    """Every partner of these pairs, with its last touch and next step; one query."""
    keys = {key for pair in found for key in (pair.first, pair.second)}
    return Partner.objects.with_rhythm().in_bulk(list(keys))


def look() -> None:
    """Find the pairs anew if anything about any partner changed; for the worker, since comparing thousands takes long."""
    edition = _edition()
    if Lookalikes.objects.filter(edition=edition).exists():
        return
    found = [[pair.first, pair.second, pair.shares] for pair in _found()]
    values = {"edition": edition, "pairs": found, "found_at": timezone.now()}
    Lookalikes.objects.update_or_create(number=Lookalikes.THE_ONE, defaults=values)
    forget()


def pairs_now() -> list[Pair]:
    """The pairs as of this moment: those the worker found, or found here where somebody was changed since."""
    seen = Lookalikes.objects.filter(edition=_edition()).first()
    return remember(_standing(_stored(seen)) if seen else pairs())


def known_pairs() -> list[Pair]:
    """The pairs as the worker found them, without those that were merged or told apart since; for a number in a menu."""
    return _known().pairs


def known_pairs_of(pk: int) -> list[Pair]:
    """The first of those that one partner is in."""
    return _known().of_partner.get(pk, [])[:SHOWN]


def _known() -> Known:
    known = _kept.get(_where())
    if known is None or monotonic() - known.found_at > LOOKED_AT_WITHIN:
        known = _kept[_where()] = Known(monotonic(), _standing(_stored(Lookalikes.objects.first())))
    return known


def _stored(seen: Lookalikes | None) -> list[Pair]:
    return [Pair(first, second, tuple(shares)) for first, second, shares in seen.pairs] if seen else []


def _standing(found: list[Pair]) -> list[Pair]:
    """Those whose two are both here still, and of whom nobody said that they are two."""
    if not found:
        return []
    keys = {key for pair in found for key in (pair.first, pair.second)}
    here = set(Partner.objects.current().order_by().filter(pk__in=keys).values_list("pk", flat=True))
    apart = set(NotTwins.objects.values_list("first", "second"))
    return [pair for pair in found if {pair.first, pair.second} <= here and (pair.first, pair.second) not in apart]


def _edition() -> str:
    """One text for all that pairs() looks at: it differs when any of it does."""
    with connection.cursor() as cursor:
        cursor.execute(EDITION)
        return f"{PracticeProfile.load().country} {cursor.fetchone()[0]}"


def remember(found: list[Pair]) -> list[Pair]:
    """Keep what was found for a while, in this process."""
    _kept[_where()] = Known(monotonic(), found)
    return found


def _where() -> str:
    return f"{connection.settings_dict['HOST']}/{connection.settings_dict['NAME']}"


def forget() -> None:
    """Something was merged or told apart: read again what is stored."""
    _kept.clear()


def on_page_of(pk: int, user: User) -> dict[int, Partner]:
    """A partner for its page, and who may be the same as it, with their people: two queries for all of them."""
    pairs_of_it = known_pairs_of(pk) if user.has_perm("partners.merge_partner") else []
    keys = [pk, *(pair.other(pk) for pair in pairs_of_it)]
    found = {partner.pk: partner for partner in records(_on_page, now=timezone.now(), keys=keys)}
    prefetch_related_objects(list(found.values()), Prefetch("roles", Role.objects.select_related("contact")))
    return found


def _on_page(*, now: datetime, key: int, keys: list[int]) -> QuerySet[Partner]:
    return Partner.objects.with_rhythm().filter(pk=AnyOf(keys)).order_by()


def for_page(partner: Partner, others: Mapping[int, Partner]) -> dict:
    """Who may be the same as this partner, for its page; without a query."""
    if partner.archived_at:
        return {"twins": []}
    found = ((others.get(pair.other(partner.pk)), pair) for pair in known_pairs_of(partner.pk) if others)
    return {
        "twins": [Twin(other, " and ".join(pair.shares)) for other, pair in found if other and not other.archived_at]
    }
