"""What became of referrals in the demo: how they came, what was told back, whom we sent, and one that looks wrong."""

from __future__ import annotations

import random
from datetime import timedelta

from crm.office.demo.acquaintance import Acquaintance, Story
from partners.actions import ask_after, receive_referral, send_referral
from partners.loop import FOR_TREATMENT, Notice
from partners.models import Disclosure, FollowUp, Referral, SentReferral, ServiceLine
from partners.models.codes import ALPHABET

# partner, days ago, how far it came
SENT = (
    ("Ironpeak Strength", 33, SentReferral.State.FOLLOWED_UP),
    ("Okoye Direct Primary Care", 9, SentReferral.State.HANDED_OVER),
    ("Still Water Yoga", 2, SentReferral.State.ASKED),
)
DOUBTED = "Port Alder Striders"


def refer_both_ways(known: dict[str, Acquaintance], story: Story) -> None:
    """Fill in what a tap would have noted on the way."""
    rng = random.Random("referrals")  # noqa: S311 - a story, and one of its own, so that the rest stays as it was
    for referral in Referral.objects.order_by("received_at", "pk").with_provider():
        channel = rng.choice(("in_person", "in_person", "phone", "email"))
        line = rng.choices(ServiceLine.values, weights=(6, 2, 1, 1))[0]
        Referral.objects.filter(pk=referral.pk).update(channel=channel, service_line=line)
        if referral.to_provider and referral.in_care_at:
            _tell(referral, story)
    _by_the_page(story)
    for name, days, state in SENT:
        _send(known[name], days, state, story, code="".join(rng.choices(ALPHABET, k=8)))
    doubted = receive_referral(known[DOUBTED].partner, by=None, channel="page", is_quarantined=True)
    Referral.objects.filter(pk=doubted.pk).update(received_at=story.calendar.now - timedelta(hours=3))


def _tell(referral: Referral, story: Story) -> None:
    """The physician heard that they were seen, a day after."""
    at = (referral.evaluated_at or referral.received_at) + timedelta(days=1)
    who = f"{referral.referred_by}, {referral.partner}"
    Disclosure.objects.create(
        referral=referral, recipient=who, what=f"{Notice.SEEN.label}.", why=FOR_TREATMENT, at=at, by=story.owner
    )
    Referral.objects.filter(pk=referral.pk).update(told=Referral.Word.NOTICE, told_at=at)


def _by_the_page(story: Story) -> None:
    """The newest came by the partner's own page, and waits for a tap that says whose name that is."""
    newest = Referral.objects.exclude(referred_by=None).latest("received_at")
    name = newest.referred_by.first_name if newest.referred_by else ""
    Referral.objects.filter(pk=newest.pk).update(channel="page", sender=name, referred_by=None, by=None)


def _send(who: Acquaintance, days: int, state: str, story: Story, *, code: str) -> None:
    day = story.calendar.working_day(story.calendar.today - timedelta(days=days))
    at = story.calendar.at(day, 16)
    contact = who.contacts[0] if who.contacts else None
    sent = send_referral(who.partner, by=story.owner, contact=contact, is_handed_over=state != SentReferral.State.ASKED)
    if state == SentReferral.State.FOLLOWED_UP:
        ask_after(sent, by=story.owner)
    dates = {"handed_over_at": at, "followed_up_at": at + timedelta(days=14)}
    SentReferral.objects.filter(pk=sent.pk).update(
        sent_at=at, code=code, **{field: when for field, when in dates.items() if getattr(sent, field)}
    )
    promised = FollowUp.objects.filter(once_key=f"sent:{sent.code}")
    promised.filter(done_at__isnull=False).update(done_at=at + timedelta(days=14))
    due_on, title = day + timedelta(days=14), f"Ask how it went with S-{code}"
    promised.update(due_on=due_on, created_at=at, title=title, once_key=f"sent:{code}")
