"""The letters of the demo: one that went to the gyms, studios and clubs, one that waits for next week, one begun."""

from __future__ import annotations

import json
from datetime import timedelta

from campaigns.actions import launch, schedule
from campaigns.models import STALE_AFTER, Audience, Broadcast, Letter
from crm.mail.models import Message
from crm.office.demo import post
from crm.office.demo.acquaintance import Story
from crm.office.demo.lines import FITNESS, MEDICAL
from partners.models import Kind, Stage

TUESDAY = 1
WORKSHOPS = ("workshops", {"heading": "Coming workshops", "how_many": 2})

SCREENS = {
    "name": "What the free screens taught us",
    "subject": "What eleven sore shoulders told us",
    "preheader": "Three things your coaches can look for, and a card for the wall.",
    "body": [
        ("heading", "Eleven people, one pattern"),
        (
            "text",
            "<p>Hi [[first_name|there]],</p><p>Thank you for having us at your place this season. We looked at eleven "
            "shoulders in free screens, and eight of them had the same story: pressing more than pulling, and a rib "
            "cage that has forgotten how to turn.</p>",
        ),
        ("heading", "Three things to look for"),
        (
            "text",
            "<ul><li>Can they lift both arms without the ribs flaring?</li><li>Does pulling feel as strong as "
            "pressing?</li><li>Do they still sleep on that side?</li></ul><p>Two noes are a reason to slow down for two "
            "weeks, not to stop. If you would like the card with the three questions for your wall, answer this "
            "letter and I bring it by.</p>",
        ),
        ("divider", None),
        WORKSHOPS,
        ("text", "<p>See you on the floor,<br/>Maren</p>"),
    ],
}
WINTER = {
    "name": "Thank you, and what comes next",
    "subject": "[[first_name|Hello]], a thank-you and two dates",
    "preheader": "No pitch. Two workshops your people may like.",
    "body": [
        (
            "text",
            "<p>Dear [[first_name|friend]],</p><p>You sent people to us this year who trusted us because they trust "
            "you. Thank you. It is the best thing anybody can do for a small practice, and we try to deserve it.</p>"
            "<p>Two workshops are coming. If one fits your people, tell them; if you would like one at your own place, "
            "answer this letter with a day that suits you.</p>",
        ),
        WORKSHOPS,
        ("text", "<p>Warmly,<br/>Maren and Joel</p>"),
    ],
}
NOTE_BACK = {
    "name": "How we write back (draft)",
    "subject": "One line, in plain words, within a week",
    "preheader": "",
    "body": [
        (
            "text",
            "<p>Dear [[first_name|colleague]],</p><p>Several of you asked what you hear back from us. Here is what we "
            "do today; please tell me what you would change.</p>",
        )
    ],
}
CARD_PLEASE = (
    "Hi Maren,\n\nthe three questions are good. Please bring two cards, one for each door, and could we talk about a "
    "screen for the morning group? Mondays before nine suit us best.\n\n{name}",
    "",
)
AWAY = (
    "Thank you for your mail. I am away until Monday and will read it then.\n\n{name}",
    "Auto-Submitted: auto-replied",
)


def write(story: Story) -> None:
    """Send one letter some weeks ago, and let another wait for next Tuesday."""
    fitness = Audience.objects.create(
        name="Gyms, studios and clubs",
        kinds=[kind.value for kind in FITNESS],
        stages=[stage.value for stage in Stage if stage not in (Stage.IDENTIFIED, Stage.NOT_A_FIT)],
    )
    senders = Audience.objects.create(
        name="Everybody who sends us people", stages=[Stage.FIRST_REFERRAL, Stage.ACTIVE, Stage.CHAMPION]
    )
    Audience.objects.create(name="Physicians and midwives", kinds=[kind.value for kind in (*MEDICAL, Kind.OTHER)])

    _answer(_send(_letter(SCREENS, story), fitness, story), story)
    _schedule(_letter(WINTER, story), senders, story)
    _letter(NOTE_BACK, story, is_published=False)


def _letter(words: dict, story: Story, *, is_published: bool = True) -> Letter:
    body = json.dumps([{"type": kind, "value": value} for kind, value in words["body"]])
    letter = Letter.objects.create(**{**words, "body": body}, live=is_published)
    revision = letter.save_revision(user=story.owner)
    if is_published:
        revision.publish(user=story.owner)
    return letter


def _send(letter: Letter, audience: Audience, story: Story) -> Broadcast:
    """Launch a broadcast now, then date it and its messages to the Tuesday on which it left."""
    day = story.calendar.next_on(TUESDAY, after=story.calendar.today - timedelta(days=25))
    at = story.calendar.at(day, 10)
    broadcast = Broadcast.objects.create(letter=letter, audience=audience, by=story.owner)
    schedule(broadcast, at=None, by=story.owner)
    launch(broadcast)
    post.keep(Message.objects.filter(recipient__broadcast=broadcast), at=at)
    Message.objects.filter(recipient__broadcast=broadcast).update(expires_at=at + STALE_AFTER)
    Broadcast.objects.filter(pk=broadcast.pk).update(send_at=at, launched_at=at, created_at=at - timedelta(days=3))
    return broadcast


def _answer(broadcast: Broadcast, story: Story) -> None:
    """Two readers answered: one in person, yesterday, and one through their absence notice, on the same day."""
    sent = Message.objects.filter(recipient__broadcast=broadcast, state=Message.State.HANDED_OVER).order_by("to_email")
    yesterday = story.calendar.at(story.calendar.today - timedelta(days=1), 16)
    for (words, headers), message in zip((CARD_PLEASE, AWAY), sent[:2], strict=True):
        at = message.created_at + timedelta(minutes=3) if headers else yesterday
        post.arrive(words, answers=message, headers=headers, at=at)


def _schedule(letter: Letter, audience: Audience, story: Story) -> None:
    day = story.calendar.next_on(TUESDAY, after=story.calendar.today + timedelta(days=6))
    broadcast = Broadcast.objects.create(letter=letter, audience=audience, by=story.owner)
    schedule(broadcast, at=story.calendar.at(day, 10), by=story.owner)
