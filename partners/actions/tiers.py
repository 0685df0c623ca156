from __future__ import annotations

from django.db import transaction

from crm.people.models import User
from partners.actions.refusals import AlreadyMoved
from partners.actions.trail import note
from partners.models import Partner, Tier


@transaction.atomic
def set_tier(partner: Partner, *, to: Tier, by: User | None) -> Partner:
    """Move a partner to another tier, from the tier the caller saw; the days of its rhythm follow."""
    was = partner.tier
    if Partner.objects.filter(pk=partner.pk, tier=was).update(tier=to) != 1:
        raise AlreadyMoved

    partner.tier = to
    if was != to:
        note(partner, by, tier=(was, to))
    return partner
