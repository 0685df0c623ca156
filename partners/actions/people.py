from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from crm.people.actions import find_or_create_contact
from crm.people.models import Contact
from partners.models import Partner, Role


@transaction.atomic
def add_person(
    partner: Partner,
    *,
    name: str,
    email: str = "",
    phone: str = "",
    title: str = "",
    is_primary: bool = False,
    is_healthcare_provider: bool = False,
) -> Role:
    """Give a contact a place at a partner; a known e-mail address is the contact we have, and there is one main person."""
    if email:
        contact = find_or_create_contact(email, name=name, phone=phone)
    else:
        contact = partner_contact(partner, name) or Contact.objects.create(name=name.strip(), phone=phone.strip())
    partner = _make_room(partner, contact, is_primary=is_primary)
    place = {"title": title.strip(), "is_primary": is_primary, "is_healthcare_provider": is_healthcare_provider}
    role, _made = Role.objects.update_or_create(partner=partner, contact=contact, defaults=place)
    return role


@transaction.atomic
def place_person(role: Role, *, title: str, is_primary: bool, is_healthcare_provider: bool) -> Role:
    """Change somebody's place at a partner; there is one main person."""
    _make_room(role.partner, role.contact, is_primary=is_primary)
    role.title, role.is_primary, role.is_healthcare_provider = title.strip(), is_primary, is_healthcare_provider
    role.save(update_fields=["title", "is_primary", "is_healthcare_provider"])
    return role


def _make_room(partner: Partner, contact: Contact, *, is_primary: bool) -> Partner:
    """Whoever was the main person is so no more; of two who say so at once, one waits here. One that was merged is the other."""
    partner = Partner.objects.select_for_update(of=["self"]).select_related("merged_into").get(pk=partner.pk)
    partner = partner.merged_into or partner
    if is_primary:
        for role in partner.roles.filter(is_primary=True).exclude(contact=contact):
            role.is_primary = False
            role.save(update_fields=["is_primary"])
    return partner


def partner_contact(partner: Partner, name: str) -> Contact | None:
    """The contact without an e-mail address that this partner, or nobody any more, knows by this name."""
    known = Contact.objects.filter(name__iexact=name.strip(), email="", merged_into=None)
    return known.filter(Q(roles__partner=partner) | Q(roles=None)).first()
