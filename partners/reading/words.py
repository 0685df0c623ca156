"""The words by which a line says what happened, in order of no importance: the longest that fits counts, then the first."""

from __future__ import annotations

from partners.models import Touch


def listed(words: str) -> frozenset[str]:
    """Words written one after the other."""
    return frozenset(words.split())


Kind, Outcome = Touch.TouchKind, Touch.Outcome

KINDS = {
    Kind.VISIT: "visit|visited|stopped by|stopped in|dropped by|dropped in|popped in|popped by|swung by|walked in|went to see"
    "|was there|i was there|toured|tour|showed up|checked in at|hung out|came by|came in|went by|went to|stop by",
    Kind.CALL: "call|called|phone call|phoned|rang|on the phone|phone chat|spoke by phone|called back|call from|called me|called us",
    Kind.VOICEMAIL: "voicemail|voice mail|left a voicemail|left a message|left message|left voicemail|left vm|vm|answering machine",
    Kind.TEXT: "text|texted|sms|whatsapp|whatsapped|imessage|text message|messaged|texts",
    Kind.EMAIL: "email|emailed|e mail|e mailed|wrote to|wrote an email|sent an email|emails",
    Kind.MEETING: "meeting|met|met with|met up|coffee|lunch|breakfast|brunch|dinner|beer|beers|tea with|drinks|sat down with|sat down"
    "|zoom|zoomed|video call|zoom call|teams call|catch up|caught up|sit down|had a chat|chatted|chatted with|talked with"
    "|talked to|spoke with|spoke to|ran into|bumped into|saw",
    Kind.CLASS: "class|took a class|took the class|workout|worked out|trained at|wod|group run|ran with|yoga class|spin|did a class"
    "|joined the run|joined the class|took class",
    Kind.PURCHASE: "bought|purchased|paid for|signed up for a membership|day pass|drop in pass|bought a pass|purchase|took out a membership",
    Kind.DM: "dm|dmed|dmd|dms|instagram|insta|facebook message|linkedin|messaged on instagram|direct message|instagram message",
    Kind.CARD: "sent a card|wrote a card|mailed a card|handwritten note|handwritten card|postcard|sent a note|mailed a note|wrote a note",
    Kind.INTRO: "introduced|intro|introduction|made an introduction|connected them with",
    Kind.CONTENT: "shared|shared an article|sent the article|sent an article|sent a video|sent the video|sent the guide|sent the handout"
    "|sent our guide|shared the guide",
    Kind.FREE_SCREEN: "free screen|free screening|free screens|screened|movement screen|movement screens|screening day|screening|free screenings",
    Kind.ADVICE_ASKED: "asked for advice|asked advice|asked her advice|asked his advice|asked their advice|picked her brain"
    "|picked his brain|picked their brain|asked for her advice|asked for his advice|asked for their advice|asked what they think",
    Kind.WORKSHOP: "workshop|ran the workshop|ran a workshop|held a workshop|gave a talk|gave the talk|hosted a workshop|taught a workshop"
    "|held the workshop|did a workshop|did the workshop|ran a clinic|held a clinic|free clinic",
    Kind.THANKS: "thanked|thank you|thanks|said thanks|said thank you|thank you note|thank you card|sent a thank you card",
    Kind.ISSUE: "complaint|complained|complains|complaining|unhappy|not happy|upset about|was upset",
}
PHRASES = {phrase: kind for kind, listed in KINDS.items() for phrase in listed.split("|")}
# Said of nearly every touch: they count where nothing else tells the kind.
WEAK = frozenset(
    [
        "went to",
        "saw",
        "was there",
        "i was there",
        "ran into",
        "bumped into",
        "came in",
        "came by",
        "showed up",
        "tour",
        "shared",
    ]
)
# Nouns that are what something is about, rather than what happened, when one of these stands before them.
ABOUT = listed("about for a an the our their re on next another of in my your upcoming possible with her his to")
TOPICS = frozenset({Kind.WORKSHOP, Kind.CLASS, Kind.FREE_SCREEN, Kind.THANKS, Kind.TEXT, Kind.EMAIL})

# They to us: in front of a verb, or the whole phrase.
THEY = listed("they she he who")
CAME = (
    "called me|called us|texted me|texted us|emailed me|emailed us|e mailed me|e mailed us|call from|text from|email from|e mail from"
    "|message from|heard from|got a call|got a text|got an email|got a message|reached out to us|reached out to me|came by"
    "|came to us|visited us|wrote to us|wrote to me|wrote me|messaged me|messaged us|dmed me|dmed us|they came|came in to see us|came to see us"
)
CAME_IN = frozenset(CAME.split("|"))

GAVE = listed(
    "gave brought shared lent donated taught handed helped screened delivered introduced offered treated dropped sent left"
)
GIFT_NEEDED = listed("sent left dropped offered")  # a gift only with something useful after it
USEFUL = listed("""guide guides handout handouts article articles video videos sheet sheets book books poster posters slides chart tips
    worksheet worksheets checklist snacks donuts coffee bagels cookies bands band roller screen screening talk workshop
    screens screenings leaflet leaflets template program plan""")
NOT_GIVEN = listed("me us up back in it by notice")  # gave me, gave up, brought up, sent back, dropped in

ASKED = listed("asked ask asking requested proposed pitched suggested")
FAVOURS = listed("""referral referrals refer workshop workshops talk host hosting mention shout shoutout post flyers posters space room
    promote promotion introduction intro review reviews clients patients members clinic collaborate partnership newsletter
    send""")
NO_FAVOUR = listed("me us what how why whether")

OUTCOMES = {
    Outcome.NO_REPLY: "no answer|no reply|no response|didnt answer|did not answer|didnt pick up|did not pick up|not answering"
    "|nobody there|nobody in|no one there|no show|not there|wasnt in|was not in",
    Outcome.POLITE: "polite|lukewarm|not now|maybe later|noncommittal|not right now|too busy|will think about it|non committal|not sure yet",
    Outcome.WARM: "warm|friendly|loved it|loved the|keen|very interested|interested|excited|went well|great chat|good chat|great talk"
    "|enthusiastic|likes the idea|liked the idea|loves the idea|great meeting|good meeting|great conversation|good conversation",
    Outcome.YES: "said yes|agreed|on board|they are in|theyre in|confirmed|yes to|is in|agreed to host|happy to host",
}
RESULTS = {phrase: outcome for outcome, listed in OUTCOMES.items() for phrase in listed.split("|")}
NOT = listed("not isnt wasnt no never arent werent hardly barely less")

# What may be done next. Those that are no noun stand for a promise wherever they begin a thought.
STRICT = listed("""send bring ask invite book schedule write thank introduce prepare offer propose check follow get return deliver order
    print confirm remind set see catch reach give take try start finish pay sign update reply respond ping touch pick find
    arrange organize organise look add make put go stop drop swing pop come join talk speak connect suggest plan bcc forward
    mail discuss show teach run""")
EITHER = listed(
    "call text email message dm visit meet coffee lunch breakfast dinner beer meeting workshop class tour chat demo zoom review share post phone"
)
BASE = STRICT | EITHER
ARTICLES = listed("a an the their our")
# A joint talk, the next workshop: a thing even with a word between it and its article.
NOUNS = listed(
    "talk workshop class visit meeting lunch coffee breakfast dinner beer tour demo review post zoom chat show run plan look"
)
# In front of one of these words it is a thing, not a promise: had a call, phone call, the visit.
THINGS = listed(
    "a an the had another phone video zoom quick short long good great nice got their our her his my of for from with after about"
)
PROMISES = [
    "next step",
    "todo",
    "to do",
    "need to",
    "needs to",
    "i need to",
    "have to",
    "i have to",
    "must",
    "i must",
    "i should",
    "we should",
    "remind me to",
    "promised to",
    "i promised to",
    "going to",
    "im going to",
    "gonna",
    "dont forget to",
    "do not forget to",
    "plan to",
    "planning to",
    "i will",
    "we will",
    "asked me to",
    "asked us to",
    "wants me to",
    "wants us to",
    "told me to",
    "want me to",
    "want us to",
    "to follow up",
    "remember to",
    "said i would",
    "said id",
    "said we would",
    "ill need to",
    "action",
]
SHORT_PROMISES = {"i'll", "i’ll", "we'll", "we’ll"}
PAST = listed("""met called texted emailed visited gave brought dropped left sent shared took went saw had bought joined talked spoke
    chatted asked told said introduced thanked mailed posted taught ran hosted agreed stopped popped swung trained did was
    were got came heard caught signed showed offered helped discussed invited pitched proposed messaged dmed phoned rang
    tried handed delivered worked attended mentioned learned watched walked wrote made received picked grabbed sat screened
    treated complained promised wanted liked loved purchased paid toured ordered booked checked""")
LINKS = frozenset({"and", "then", "also", "plus", "to", "will", "next", "&", "+", "so", "later"})
# Between whom and the words around: who is named after them.
BEFORE_NAMES = listed(
    "with met saw called texted emailed phoned to from thanked visited and dr coach told asked messaged by for at rang gave sent told invited introduced"
) | {"&", "@"}
LEAD_TO_PLACES = listed("at from of for in with to")
POSTS = listed(
    "head lead owner coach trainer manager physician instructor teacher president director founder nurse doctor"
)
REACHES = listed("call text email meet invite ask thank visit send message phone")
COMPANY = listed("with met saw called texted emailed phoned thanked")
BEFORE_PLACES = listed(
    "at from to with visited called emailed texted met by for of via in outside near into phoned messaged saw"
) | {"@"}
# Words that hold a line together and say nothing of their own.
FILLERS = listed("""a an the and with at of for to from in on by about i we my our us me was were is it that this then also had have has
    just so her his their them they she he some got did up out over today""") | {"&", "+"}
NOBODY = listed("""them her him us me everyone everybody all staff team crew people members some both two three four five friends
    someone somebody coaches trainers owners folks group whole a an the their our my his its it that this these those you
    coffee lunch snacks flyers posters donuts great good no new old many several most few more each every half""")
# Too common to stand for a partner by itself.
COMMON = listed("""gym studio club practice clinic house room yard circle medicine family health care wellness fitness yoga pilates running
    run runners strength training center centre community school direct primary functional integrative holistic physical
    therapy physio massage dance academy athletics barbell personal motion the and of north south east west new old street
    road lane park open early first second whole still little big hot high school port hill valley river lake country city
    town breathing space trail mix group""")
