"""Calendars to subscribe to: opened once for each of us and each partner, stopped, and opened anew."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from crm.people.models import User
from partners.models import Partner
from workshops.models import Feed


def open_feed(whose: User | Partner) -> Feed:
    """The calendar of one of us, or of a partner, at one address however often it is asked for."""
    theirs = {"partner": whose} if isinstance(whose, Partner) else {"user": whose}
    try:
        with transaction.atomic():
            return Feed.objects.live().get_or_create(**theirs)[0]
    except IntegrityError:  # asked for twice at once
        return Feed.objects.live().get(**theirs)


def stop_feed(feed: Feed) -> bool:
    """Whoever subscribed sees nothing any more; False when it was stopped already."""
    return bool(Feed.objects.live().filter(pk=feed.pk).update(revoked_at=timezone.now()))


def resume_feed(feed: Feed) -> bool:
    """Take a stop back: the old address works again, unless there is a newer one."""
    try:
        with transaction.atomic():
            return bool(Feed.objects.filter(pk=feed.pk, revoked_at__isnull=False).update(revoked_at=None))
    except IntegrityError:
        return False


@transaction.atomic
def renew_feed(feed: Feed) -> Feed:
    """The same calendar at a new address; the old one shows nothing any more."""
    stop_feed(feed)
    return Feed.objects.live().get_or_create(user=feed.user, partner=feed.partner)[0]
