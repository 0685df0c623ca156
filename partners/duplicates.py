"""Is this partner here already, under the same name, number or address?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from partners.imports.matching import SHARED_HOSTS, plain
from partners.imports.values import read_domain
from partners.models import Partner

TELLING_DIGITS = 7  # fewer belong to a short number that many may share
COUNTRY_FREE = 10  # +1 613 555 0101 and (613) 555-0101 are one number
SHOWN = 5


@dataclass(frozen=True)
class Twin:
    """A partner that may be the same one, and what the two share."""

    partner: Partner
    shares: str


def twins_of(new: Partner) -> list[Twin]:
    """The partners, archived ones too, that share a name, phone, website or e-mail address with this one."""
    wanted = _marks(new)
    known = Partner.objects.exclude(pk=new.pk).only("pk", "name", "phone", "website", "email", "archived_at")
    found = []
    for partner in known.order_by("pk").iterator(2000):
        marks = _marks(partner)
        shared = [word for word, mark in wanted.items() if mark and mark == marks[word]]
        if shared:
            found.append(Twin(partner, shared[0]))
        if len(found) == SHOWN:
            break
    return found


def _marks(partner: Partner) -> dict[str, str]:
    """What a partner is recognised by, each spelt one way."""
    digits = re.sub(r"\D", "", partner.phone)
    domain = read_domain(partner.website)
    return {
        "name": plain(partner.name),
        "phone": digits[-COUNTRY_FREE:] if len(digits) >= TELLING_DIGITS else "",
        "website": "" if SHARED_HOSTS.search(domain) else domain,
        "e-mail address": partner.email.lower(),
    }
