"""How somebody came to a workshop's page: by whose link, and with what code. It is all in the address, nothing is kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from crm.people import addresses
from crm.people.guard import is_hammered, network_of, source_of, was_hammered
from partners.models import Partner
from workshops.models import Registration, Workshop

MOST_GUESSES = 20  # wrong codes from one network in ten minutes


@dataclass(frozen=True)
class Entrance:
    """One visitor's way to one workshop."""

    workshop: Workshop
    partner: Partner | None = None
    code: str = ""
    is_barred: bool = False

    @property
    def is_open(self) -> bool:
        """May they see it? A private workshop opens with its code alone."""
        return not self.is_barred and opens(self.workshop, self.code)

    @property
    def is_hosts(self) -> bool:
        """Did they come by the host's own link?"""
        return self.partner is not None and self.partner.pk == self.workshop.host_id

    @property
    def asks_again(self) -> bool:
        """Do they have to say once more, by a link in a letter, that it was them? Partners' links are known to people."""
        return self.workshop.asks_again and not self.workshop.is_private and self.partner is None

    @property
    def source(self) -> Registration.Source:
        if self.partner is None:
            return Registration.Source.SITE
        return Registration.Source.HOST_LINK if self.is_hosts else Registration.Source.PARTNER_LINK

    @property
    def seats_left(self) -> int:
        """Seats that this visitor may take."""
        return max(0, self.workshop.seats_left if self.is_hosts else self.workshop.public_seats_left)

    @property
    def is_full(self) -> bool:
        return not self.seats_left

    @property
    def kept_for_host(self) -> int:
        """Free seats that this visitor can't take, because they wait for the host's people."""
        return self.workshop.seats_left - self.seats_left

    @property
    def address(self) -> str:
        """This very page, with whoever is credited and the code that opens it."""
        return self.to("workshop_from" if self.partner else "workshop")

    def to(self, name: str, **query: str) -> str:
        """Another page of this workshop, opened by the same code."""
        slug, code = self.workshop.slug, self.partner.code if self.partner and name == "workshop_from" else ""
        to = reverse(name, args=[slug, code]) if code else addresses.address(name, slug)
        if self.workshop.is_private:
            query["code"] = self.code
        return f"{to}?{urlencode(query)}" if query else to


def of(request: HttpRequest, workshop: Workshop, partner_code: str = "") -> Entrance:
    """The way this request took. A code that nobody has credits nobody, and a wrong one for the door is counted."""
    partner, code = _holder(partner_code), said(request.GET.get("code", ""))
    if not workshop.is_private:
        return Entrance(workshop, partner)
    guesses = f"workshop code:{workshop.pk}:{network_of(source_of(request))}"
    is_known = bool(network_of(source_of(request)))  # behind a proxy that tells nothing, all would be locked out
    is_wrong = bool(code) and not opens(workshop, code)
    is_barred = is_known and (
        is_hammered(guesses, most=MOST_GUESSES) if is_wrong else was_hammered(guesses, most=MOST_GUESSES)
    )
    return Entrance(workshop, partner, code, is_barred=is_barred)


def opens(workshop: Workshop, code: str) -> bool:
    return not workshop.is_private or secrets.compare_digest(code.encode(), workshop.code.encode())


def said(code: str) -> str:
    """A code as people type it: small letters, with blanks or dashes in it."""
    return "".join(sign for sign in code.upper() if sign.isalnum())[:12]


def _holder(code: str) -> Partner | None:
    """Who holds this code; one whose record was merged into another is that other one."""
    held = Partner.objects.select_related("merged_into").filter(code=said(code)).first() if code else None
    partner = held.merged_into if held and held.merged_into_id else held
    return None if partner is None or partner.archived_at else partner
