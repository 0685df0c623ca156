"""Which two of our contacts may be one person?

The same name, titles and spelling aside, or the same number with a name that begins the same. An equal e-mail address
needs no looking for: there is one contact for each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations

from django.db import connection

from crm.people.models import Contact
from partners.duplicates import SHARED_BY_MANY, Pair, e164
from partners.imports.matching import plain
from partners.models import NotOnePerson

TITLES = {"dr", "mr", "mrs", "ms", "prof", "md", "dc", "pt", "dpt", "nd", "do", "rn", "np", "phd"}
MOST = 2000  # pairs; whoever has more of them imported a list twice, and undoes the import

# Only those who share the last digits of a number, or the letters of a name, with a few others: found by PostgreSQL, so
# that a hundred thousand contacts need not be read. What is left is judged by judge().
CANDIDATES = """
WITH spelt AS (
    SELECT c.id, c.name, c.email, c.phone,
        regexp_replace(lower(c.name), '(^|[^[:alnum:]])(dr|mr|mrs|ms|prof|md|dc|pt|dpt|nd|do|rn|np|phd)(?=[^[:alnum:]]|$)',
            '', 'g') AS bare,
        right(regexp_replace(c.phone, '[^0-9]', '', 'g'), 7) AS digits
    FROM people_contact c WHERE c.archived_at IS NULL
), marked AS (
    SELECT id, name, email, phone, 'name' AS kind, regexp_replace(bare, '[^[:alnum:]]', '', 'g') AS mark FROM spelt
    UNION ALL
    SELECT id, name, email, phone, 'phone', digits FROM spelt WHERE length(digits) = 7
), shared AS (
    SELECT *, count(*) OVER (PARTITION BY kind, mark) AS holders FROM marked WHERE mark <> ''
)
SELECT kind, mark, id, name, email, phone FROM shared WHERE holders BETWEEN 2 AND %s ORDER BY kind, mark, id LIMIT %s
"""


def pairs_of_people(country: str, *, of: int | None = None) -> list[Pair]:
    """Any two contacts that may be one person and of whom nobody said that they are two; most in common first."""
    groups: dict[tuple[str, str], list[tuple]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(CANDIDATES, [SHARED_BY_MANY, 2 * MOST])
        for kind, mark, *contact in cursor.fetchall():
            groups[kind, mark].append(tuple(contact))
    apart = set(NotOnePerson.objects.values_list("first", "second"))
    shares: dict[tuple[int, int], list[str]] = {}
    for group in groups.values():
        for one, other in combinations(group, 2):
            key = (one[0], other[0])
            if key not in apart and key not in shares and (of is None or of in key):
                shares[key] = _shared(one, other, country)
    found = [Pair(*key, tuple(shared)) for key, shared in shares.items() if shared]
    return sorted(found, key=lambda pair: (-len(pair.shares), pair.first, pair.second))


def _shared(one: tuple, other: tuple, country: str) -> list[str]:
    (_pk, name, email, phone), (_other, other_name, other_email, other_phone) = one, other
    words, other_words = _words(name), _words(other_name)
    number = e164(phone, country) if phone else ""
    has_number = bool(number) and number == e164(other_phone, country)
    is_named = words == other_words and bool(words)
    begins_alike = bool(words and other_words) and words[0] == other_words[0]
    shared = ["name"] if is_named and (len(words) > 1 or has_number or not email or not other_email) else []
    if has_number and (is_named or (begins_alike and 1 in (len(words), len(other_words)))):
        shared.append("phone")
    return shared


def _words(name: str) -> list[str]:
    words = plain(name).split()
    return [word for word in words if word not in TITLES] or words


def contacts_of(found: Iterable[Pair]) -> dict[int, Contact]:
    """Every contact of these pairs, with the partners they are at; two queries."""
    keys = {key for pair in found for key in (pair.first, pair.second)}
    return Contact.objects.prefetch_related("roles__partner").in_bulk(list(keys))
