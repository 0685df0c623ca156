"""Lines as they are typed between two doors, or said to a phone, and what is made of them on a Sunday, 22 November."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.reading.tokens import Line
from tests.partners.reading.town import (
    ADA,
    BIRDS,
    CEDAR,
    CEDAR_LANE,
    IRONWORKS,
    JOE,
    KETTLE,
    LEELA,
    MOTION,
    NAMES,
    NEIL,
    OKAFOR,
    OPEN_DOOR,
    PRIYA,
    SAM,
    SAM_LEE,
    SIMONE,
    STILL_WATER,
    STRIDERS,
    reading,
)  # fmt: skip


def day(month: int, number: int, year: int = 2026) -> date:
    return date(year, month, number)


# The line, and every field it fills. What is not named here must stay empty.
LINES = [
    (
        "coffee with the head coach at Ironworks Gym, gave the hamstring guide, call next Tuesday",
        {
            "partner": IRONWORKS, "contacts": [SAM], "kind": "meeting", "is_give": True, "next_step": "Call",
            "due_on": day(11, 24), "summary": "Coffee with the head coach, gave the hamstring guide",
        },
    ),
    (
        "coffee with sam at ironworks gave the hamstring guide call next tuesday",
        {
            "partner": IRONWORKS, "contacts": [SAM], "kind": "meeting", "is_give": True, "next_step": "Call",
            "due_on": day(11, 24), "summary": "Coffee with sam gave the hamstring guide",
        },
    ),
    ("visited Ironworks Gym", {"partner": IRONWORKS, "kind": "visit"}),
    ("went to ironworks", {"partner": IRONWORKS, "kind": "visit"}),
    ("ironworks", {"partner": IRONWORKS}),
    ("visit", {"kind": "visit"}),
    ("called Dr Okafor, no answer", {"partner": OKAFOR, "contacts": [ADA], "kind": "call", "outcome": "no_reply", "summary": "Called Dr Okafor, no answer"}),
    ("left a voicemail for priya at ironworks", {"partner": IRONWORKS, "contacts": [PRIYA], "kind": "voicemail", "summary": "Left a voicemail for priya"}),
    ("left vm for ada yesterday, try again thursday", {"partner": OKAFOR, "contacts": [ADA], "kind": "voicemail", "occurred_on": day(11, 21), "next_step": "Try again", "due_on": day(11, 26), "summary": "Left vm for ada"}),
    ("texted Leela", {"partner": STILL_WATER, "contacts": [LEELA], "kind": "text", "summary": "Texted Leela"}),
    ("visited cedar yoga on friday, bought a day pass", {"partner": CEDAR, "occurred_on": day(11, 20), "kind": "visit", "summary": "Visited, bought a day pass"}),
    ("Took the Friday class at Still Water", {"partner": STILL_WATER, "kind": "class", "summary": "Took the Friday class"}),
    (
        "lunch with the owner of Cedar Yoga last week, asked for advice on pricing, send her the handout in two weeks",
        {
            "partner": CEDAR, "contacts": [SAM_LEE], "kind": "meeting", "occurred_on": day(11, 15), "next_step": "Send her the handout",
            "due_on": day(12, 6), "summary": "Lunch with the owner, asked for advice on pricing",
        },
    ),
    ("irnworks gim visit, dropped off 20 flyers", {"partner": IRONWORKS, "kind": "visit", "summary": "Visit, dropped off 20 flyers"}),
    ("visit at iron works gym", {"partner": IRONWORKS, "kind": "visit"}),
    ("asked Neil for a referral", {"partner": STRIDERS, "contacts": [NEIL], "is_ask": True, "summary": "Asked Neil for a referral"}),
    ("met Priya and Sam at Ironworks Gym yesterday, they loved the workshop idea", {"partner": IRONWORKS, "contacts": [PRIYA, SAM], "kind": "meeting", "occurred_on": day(11, 21), "outcome": "warm", "summary": "Met Priya and Sam, they loved the workshop idea"}),
    ("coffee with Sam at Ironworks next Tuesday", {"partner": IRONWORKS, "next_step": "Coffee with Sam at Ironworks", "due_on": day(11, 24), "is_ahead": True}),
    ("call Priya tomorrow", {"partner": IRONWORKS, "next_step": "Call Priya", "due_on": day(11, 23), "is_ahead": True}),
    ("Next: call Priya at Ironworks tomorrow", {"partner": IRONWORKS, "next_step": "Call Priya at Ironworks", "due_on": day(11, 23), "is_ahead": True}),
    ("stopped by Kettle and Rope, bring snacks tomorrow", {"partner": KETTLE, "kind": "visit", "next_step": "Bring snacks", "due_on": day(11, 23)}),
    ("3 Nov ran a workshop at the striders, 14 people came", {"partner": STRIDERS, "occurred_on": day(11, 3), "kind": "workshop", "summary": "Ran a workshop, 14 people came"}),
    ("emailed Simone about the shared patient form, follow up on the 12th", {"partner": OKAFOR, "contacts": [SIMONE], "kind": "email", "next_step": "Follow up", "due_on": day(12, 12), "summary": "Emailed Simone about the shared patient form"}),
    ("she called me back, happy to host, need to book the room by Friday", {"kind": "call", "they_came": True, "outcome": "yes", "next_step": "Book the room", "due_on": day(11, 27), "summary": "She called me back, happy to host"}),
    ("dm from early birds on instagram", {"partner": BIRDS, "kind": "dm", "summary": "Dm on instagram"}),
    ("before Christmas send a card to Ada", {"partner": OKAFOR, "contacts": [ADA], "summary": "Before Christmas send a card to Ada"}),
    ("met Oluwaseun at Blue Heron Pilates, wants a talk for members", {"name": "Blue Heron Pilates", "kind": "meeting", "summary": "Met Oluwaseun, wants a talk for members"}),
    ("Ironworks: left posters with the front desk", {"partner": IRONWORKS, "contacts": [JOE], "is_give": True, "summary": "Left posters with the front desk"}),
    ("ran with port alder striders sat morning", {"partner": STRIDERS, "kind": "class", "occurred_on": day(11, 21)}),
    ("talked to priya at ironworks will send guide friday", {"partner": IRONWORKS, "contacts": [PRIYA], "kind": "meeting", "next_step": "Send guide", "due_on": day(11, 27), "summary": "Talked to priya"}),
    ("bumped into Sam from Cedar Yoga at the market", {"partner": CEDAR, "contacts": [SAM_LEE], "kind": "meeting", "summary": "Bumped into Sam at the market"}),
    ("workout at ironworks this morning with Sam & Priya", {"partner": IRONWORKS, "contacts": [SAM, PRIYA], "kind": "class", "occurred_on": day(11, 22), "summary": "Workout with Sam & Priya"}),
    ("Priya wants me to send the slides, wednesday", {"partner": IRONWORKS, "contacts": [PRIYA], "next_step": "Send the slides", "due_on": day(11, 25), "summary": "Priya"}),
    ("sent Ada the price sheet", {"partner": OKAFOR, "contacts": [ADA], "is_give": True, "summary": "Sent Ada the price sheet"}),
    ("email to simone, asked if they would host a workshop, remind me to check in next week", {"partner": OKAFOR, "contacts": [SIMONE], "kind": "email", "is_ask": True, "next_step": "Check in", "due_on": day(11, 29), "summary": "Email to simone, asked if they would host a workshop"}),
    ("coffee at ironworks yesterday with the owner and the head coach", {"partner": IRONWORKS, "contacts": [PRIYA, SAM], "kind": "meeting", "occurred_on": day(11, 21), "summary": "Coffee with the owner and the head coach"}),
    ("thanked Ada for the referral", {"partner": OKAFOR, "contacts": [ADA], "kind": "thanks", "summary": "Thanked Ada for the referral"}),
    ("priya at ironworks complained about parking", {"partner": IRONWORKS, "contacts": [PRIYA], "kind": "issue", "summary": "Priya complained about parking"}),
    ("quick call with leela; not interested in a workshop right now", {"partner": STILL_WATER, "contacts": [LEELA], "kind": "call", "summary": "Quick call with leela; not interested in a workshop right now"}),
    ("handwritten card to Neil 2 days ago", {"partner": STRIDERS, "contacts": [NEIL], "kind": "card", "occurred_on": day(11, 20), "summary": "Handwritten card to Neil"}),
    ("bought a month pass at Motion Lab on Nov 3rd", {"partner": MOTION, "kind": "purchase", "occurred_on": day(11, 3), "summary": "Bought a month pass"}),
    ("open door visit, dr was not in", {"partner": OPEN_DOOR, "kind": "visit", "outcome": "no_reply", "summary": "Visit, dr was not in"}),
    ("met new owner Jess at still water, invite her to the workshop on 5 Dec", {"partner": STILL_WATER, "kind": "meeting", "next_step": "Invite her to the workshop", "due_on": day(12, 5), "summary": "Met new owner Jess"}),
    ("free screening for the coaches at ironworks", {"partner": IRONWORKS, "kind": "free_screen", "summary": "Free screening for the coaches"}),
    ("shared our newsletter with cedar lane", {"partner": CEDAR_LANE, "kind": "content", "is_give": True, "summary": "Shared our newsletter"}),
    ("had a call with Neil on Thursday, went well", {"partner": STRIDERS, "contacts": [NEIL], "kind": "call", "occurred_on": day(11, 19), "outcome": "warm", "summary": "Had a call with Neil, went well"}),
    ("emailed ada 2026-11-02", {"partner": OKAFOR, "contacts": [ADA], "kind": "email", "occurred_on": day(11, 2), "summary": "Emailed ada"}),
    ("saw Tom at still water a week ago", {"partner": STILL_WATER, "contacts": [42], "kind": "meeting", "occurred_on": day(11, 15), "summary": "Saw Tom"}),
    ("breakfast with Priya Nair today", {"partner": IRONWORKS, "contacts": [PRIYA], "kind": "meeting", "occurred_on": day(11, 22), "summary": "Breakfast with Priya Nair"}),
    ("called Ironworks, then texted Sam the day before yesterday", {"partner": IRONWORKS, "contacts": [SAM], "kind": "call", "occurred_on": day(11, 20), "summary": "Called, then texted Sam"}),
    ("visit at Cedar Yoga\nbring the bands next week", {"partner": CEDAR, "kind": "visit", "next_step": "Bring the bands", "due_on": day(11, 29)}),
    ("Visit at Ironworks. I'll drop off the posters on Friday.", {"partner": IRONWORKS, "kind": "visit", "next_step": "Drop off the posters", "due_on": day(11, 27)}),
    ("visited Ironworks & promised to send Sam the warm-up video by Wednesday", {"partner": IRONWORKS, "kind": "visit", "next_step": "Send Sam the warm-up video", "due_on": day(11, 25)}),
    ("zoom with Simone, agreed to a joint talk in a month", {"partner": OKAFOR, "contacts": [SIMONE], "kind": "meeting", "outcome": "yes", "due_on": day(12, 22), "summary": "Zoom with Simone, agreed to a joint talk"}),
    ("they called from Ironworks", {"partner": IRONWORKS, "kind": "call", "they_came": True}),
    ("Neil texted, tomorrow meet him at the boathouse", {"partner": STRIDERS, "contacts": [NEIL], "kind": "text", "they_came": True, "next_step": "Meet him at the boathouse", "due_on": day(11, 23), "summary": "Neil texted"}),
    ("gave me her card", {"summary": "Gave me her card"}),
    ("they gave us a banner at ironworks", {"partner": IRONWORKS, "summary": "They gave us a banner"}),
    ("brought up the idea with Priya", {"partner": IRONWORKS, "contacts": [PRIYA], "summary": "Brought up the idea with Priya"}),
    ("taught the coaches a warm-up at Ironside", {"partner": 8, "is_give": True, "summary": "Taught the coaches a warm-up"}),
    ("helped Ironworks set up their booth last Saturday", {"partner": IRONWORKS, "occurred_on": day(11, 21), "is_give": True, "summary": "Helped Ironworks set up their booth"}),
    ("asked for advice at okafor", {"partner": OKAFOR, "kind": "advice_asked"}),
    ("they still want a talk", {"summary": "They still want a talk"}),
    ("nothing in particular", {"summary": "Nothing in particular"}),
    ("🏋️ workout @ Ironworks 💪", {"partner": IRONWORKS, "kind": "class"}),
    ("CALLED IRONWORKS", {"partner": IRONWORKS, "kind": "call"}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "fields"), LINES, ids=[line[:60] for line, _fields in LINES])
def test_it_fills_the_form(line, fields):
    read = reading(line)

    assert {name: value for name, value in read.values.items() if name != "summary" or value} == fields
    assert not read.questions


def test_there_are_lines_enough():
    assert len(LINES) >= 60


ASKED = [
    ("call friday with Sam at ironworks", "occurred_on", ["Fri 20 Nov, gone by", "Fri 27 Nov, to come"], day(11, 22)),
    ("zoom with dr okafor 12/11", "occurred_on", ["Thu 12 Nov, gone by", "Fri 11 Dec, to come"], day(11, 22)),
    ("visited ironworks, call next tuesday", "due_on", ["Tue 24 Nov, to come", "Tue 1 Dec, to come"], day(11, 23)),
    ("visited ironworks on friday", "occurred_on", ["Today, Fri 20 Nov", "Fri 13 Nov, gone by"], day(11, 20)),
    ("coffee with Sam", "partner", ["Ironworks Gym", "Cedar Yoga"], day(11, 22)),
    ("coffee at cedar", "partner", ["Cedar Yoga", "Cedar Lane Direct Care"], day(11, 22)),
    ("introduced Sam at Ironworks to Leela at Still Water", "partner", ["Ironworks Gym", "Still Water Yoga"], day(11, 22)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "name", "choices", "today"), ASKED)
def test_it_asks_where_it_could_be_two(line, name, choices, today):
    read = reading(line, today)

    assert [(question.field, [choice.label for choice in question.choices]) for question in read.questions] == [
        (name, choices)
    ]
    assert name not in read.values


def test_it_says_which_words_each_field_came_from():
    sources = reading(
        "coffee with the head coach at Ironworks Gym, gave the hamstring guide, call next Tuesday"
    ).sources

    assert {name: words for name, words in sources.items() if name != "summary"} == {
        "partner": "at Ironworks Gym",
        "contacts": "head coach",
        "kind": "coffee",
        "is_give": "gave the hamstring guide",
        "next_step": "call next Tuesday",
        "due_on": "next Tuesday",
    }


def test_it_takes_no_word_of_the_next_step_for_a_gift():
    assert (
        reading("coffee at ironworks gave the hamstring guide call tomorrow").sources["is_give"]
        == "gave the hamstring guide"
    )


def test_it_marks_what_it_did_not_understand():
    assert reading("visit at ironworks before Christmas, 14 people").unread == ["before Christmas", "14 people"]


def test_it_offers_whom_nobody_knows():
    assert reading("coffee with Jess and Priya at Ironworks").newcomers == ["Jess"]
    assert reading("coffee with the head coach and Zoe at ironworks").newcomers == ["Zoe"]
    assert reading("coffee with the team at Ironworks").newcomers == []
    assert reading("coffee with zoe at ironworks").newcomers == ["Zoe"]


def test_it_says_what_else_the_touch_may_have_been():
    assert (
        "Asked for advice, from “asked for advice”"
        in reading("coffee at Okafor, asked for advice").sources["kind_also"]
    )


SPOKEN = [
    "coffee",
    "lunch",
    "met",
    "called",
    "texted",
    "visited",
    "gave",
    "brought",
    "asked",
    "for",
    "a",
    "referral",
    "left",
    "voicemail",
    "with",
    "at",
    "from",
    "and",
    "then",
    "to",
    "the",
    "my",
    "her",
    "yesterday",
    "tomorrow",
    "today",
    "next",
    "last",
    "this",
    "on",
    "by",
    "in",
    "two",
    "weeks",
    "ago",
    "friday",
    "tuesday",
    "monday",
    "the",
    "12th",
    "3",
    "nov",
    "nov",
    "12/11",
    "2026-11-03",
    "before",
    "christmas",
    "call",
    "send",
    "bring",
    "remind",
    "me",
    "to",
    "i'll",
    "will",
    "need",
    "to",
    "sam",
    "priya",
    "dr.",
    "okafor",
    "head",
    "coach",
    "owner",
    "ironworks",
    "gym",
    "cedar",
    "still",
    "water",
    "irnwrks",
    "kettle",
    "&",
    "rope",
    ",",
    ".",
    ";",
    ":",
    "-",
    "!",
    "?",
    "(",
    ")",
    "\n",
    "guide",
    "flyers",
    "workshop",
    "said",
    "yes",
    "no",
    "answer",
    "5pm",
]
lines = st.one_of(st.text(max_size=200), st.lists(st.sampled_from([*SPOKEN, *NAMES]), max_size=25).map(" ".join))
days = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@given(lines, days)
def test_it_never_raises_and_loses_no_word(line, today):
    assert words_lost(line, reading(line, today)) == []


def words_lost(line, read):
    kept = " ".join([str(read.values.get("summary", "")), *read.sources.values()]).casefold()
    return [token.text for token in Line(line).tokens if token.is_word and token.text.casefold() not in kept]


@given(lines, days)
def test_it_reads_the_same_line_the_same_way(line, today):
    assert reading(line, today) == reading(line, today)


@given(lines, days)
def test_it_dates_what_happened_in_the_past_and_what_is_next_in_the_future(line, today):
    values = reading(line, today).values

    assert values.get("occurred_on", today) <= today
    assert values.get("due_on", today) >= today


@given(st.text(alphabet="@.,;:-/ 0123456789", max_size=400))
def test_it_takes_what_is_no_line_at_all(line):
    assert words_lost(line, reading(line)) == []
