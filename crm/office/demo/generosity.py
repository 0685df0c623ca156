"""What the practice of the demo gave away, and which words it used."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle

from crm.office.demo.acquaintance import Acquaintance, Story
from partners.actions import give
from partners.models import Gift, Partner, Script, Stage, Touch

# partner, is it for its first person, who they are, what, what for, worth in cents, days ago, why all the same
GIFTS = (
    ("Ironpeak Strength", True, "partner", "Coffee beans for the front desk", "Thanks for the room", 2_400, 40, ""),
    ("Still Water Yoga", False, "partner", "Ten foam blocks", "Wear and tear of three workshops", 8_500, 61, ""),
    ("Okoye Direct Primary Care", False, "licensed", "Lunch for the team", "An hour on falls", 4_800, 75, ""),
    ("Okoye Direct Primary Care", True, "licensed", "A book on teaching", "Her talk at our evening", 3_900, 26, ""),
    ("Cedar Lane Direct Care", False, "licensed", "Lunch for five", "An hour on backs", 9_600, 33, "Five people ate."),
    ("", False, "patient", "A water bottle", "Birthday of the running group", 1_200, 18, ""),
)
SPOKEN = (Touch.TouchKind.VISIT, Touch.TouchKind.CALL, Touch.TouchKind.MEETING, Touch.TouchKind.CLASS)
WENT = ("warm", "polite", "no_reply", "warm", "yes", "", "warm")
STAGES = (Stage.SHOWING_UP, Stage.CONVERSATION, Stage.GIVING_VALUE)


def be_generous(known: dict[str, Acquaintance], story: Story) -> None:
    """Log a few gifts, one of them with a reason."""
    for name, is_personal, recipient, what, purpose, cents, days_ago, reason in GIFTS:
        who, given_on = known.get(name), story.calendar.today - timedelta(days=days_ago)
        gift = give(
            partner=who.partner if who else None,
            contact=who.contacts[0] if who and is_personal else None,
            recipient=recipient,
            what=what,
            purpose=purpose,
            value_cents=cents,
            given_on=given_on,
            override_reason=reason,
            by=story.owner,
        )
        Gift.objects.filter(pk=gift.pk).update(created_at=story.calendar.at(given_on, 17, 30))


def say_the_words(known: dict[str, Acquaintance]) -> None:
    """Let the first talks with each partner have begun with the script of their stage."""
    scripts = {(script.group, script.stage): script for script in Script.objects.filter(is_ours=True)}
    went = cycle(WENT)
    for who in known.values():
        for stage, touch in zip(STAGES, _first_talks(who.partner), strict=False):
            if script := scripts.get((who.partner.group.value, stage.value)):
                Touch.objects.filter(pk=touch.pk).update(script=script, outcome=next(went))


def _first_talks(partner: Partner) -> list[Touch]:
    """Not the last: it says when we were last in touch."""
    last = partner.touches.standing().first()
    talks = partner.touches.standing().filter(kind__in=SPOKEN, outcome="").order_by("occurred_at")
    return [touch for touch in talks if touch != last][:3]
