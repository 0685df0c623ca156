"""What the owner noted after each touch, as she would type it with her thumb. {first} is the person she met.

A line reads "kind: words"; a leading + says that value was given. Nobody's patient is ever named.
"""

from __future__ import annotations

from dataclasses import dataclass

from partners.models import Kind, Touch


@dataclass(frozen=True)
class Line:
    kind: Touch.TouchKind
    words: str
    is_give: bool = False

    @classmethod
    def parse(cls, text: str) -> Line:
        kind, words = text.lstrip("+").split(": ", 1)
        return cls(Touch.TouchKind(kind), words, is_give=text.startswith("+"))


def pool(text: str) -> tuple[Line, ...]:
    return tuple(Line.parse(line.strip()) for line in text.strip().splitlines())


NOTICED = pool("""
visit: Walked in, picked up a timetable, said hello. No pitch.
visit: Stopped by at opening time. Busy, friendly, left no card on purpose.
content: Shared their open-day poster on our page.
email: Short hello: new in the street, love what you do here.
visit: Bought a day pass for Saturday and looked around.
text: Asked {first} which hours are quiet enough for a visit.
visit: Met {first} at the door by chance, two minutes about the weather and parking.
email: Wrote one line after reading their last newsletter. It was good.
visit: Dropped in to ask about opening hours for a neighbour. {first} was on the phone.
content: Pinned their leaflet to our notice board.
visit: Said hello on the way to work, they had the door open.
email: Asked whether I may come by and look. "Any time."
visit: Sat on the bench opposite with a coffee to see who comes and when.
text: {first} answered the hello within the hour. Good sign.
visit: Met {first} in the queue at the bakery, talked about the lake.
content: Told our front desk who they are and where they sit.
visit: Left a note with the open-house date under the door.
email: Thanked {first} for the kind word about our sign.
visit: Heard the name three times this week, so I walked over and introduced myself.
""")

SHOWED_UP = {
    Kind.GYM: pool("""
class: Took the 6:30 strength class. Sore in a good way.
class: Second visit this month, {first} fixed my deadlift grip.
class: Noon circuit. Counted four people squatting around a knee.
class: Saturday team workout, stayed for coffee with the regulars.
class: Tried the beginners' barbell hour to see how they teach.
class: Mobility Monday. Their coach cues better than most of us.
visit: Bought the ten-visit card at the desk.
class: Came on a friend-Friday, brought Joel along.
class: Rowed my worst 500 metres ever. {first} was kind about it.
class: Evening class, full house. Learned six names.
class: Ran the 20-minute finisher and could not do stairs after.
visit: Watched the novice meet and cheered for their lifters.
"""),
    Kind.YOGA_STUDIO: pool("""
class: Slow flow before work. The room alone is worth it.
class: Yin on Thursday night, {first} taught. Nearly slept.
class: Second class with {first}. Shoulders get their own version, without fuss.
class: Beginners' series, week one. Nine of us.
class: Early vinyasa, stayed to roll up mats.
class: Restorative class on a stormy evening, three people, long talk after.
class: Morning practice, met two runners I know from the lake.
visit: Bought a ten-class card and a block for the clinic.
class: Balance class. Their over-sixties are better than I am.
class: Tried the lunchtime half hour, ideal for our street.
"""),
    Kind.RUNNING_CLUB: pool("""
class: Tuesday club run, back of the pack, best conversations there.
class: Saturday long run, 9 km, then muffins at the boathouse.
class: Hill repeats with the club. {first} ran every one twice.
visit: Handed out water at their fun run for two hours.
class: Easy loop, answered shin questions while jogging (badly).
class: Joined the beginners' walk-run group, week three.
visit: Marshalled the corner at Mill Road for the 10 km.
class: Track night. Timed laps for {first}.
class: Recovery run and stretching in the park.
class: Ran the new lakeside loop with the club, rain the whole way.
"""),
    Kind.DPC_PHYSICIAN: pool("""
visit: Went to their open evening and listened.
visit: Sat in on {first}'s talk about sleep at the library.
content: Shared {first}'s post on membership medicine with two sentences of why.
email: Told {first} that the walking article reached three people here.
visit: Brought back the blood-pressure leaflet they needed more of. Printed fifty.
visit: Chamber breakfast, same table as {first}.
email: Asked for their cash price list so that our front desk quotes it right.
visit: Came to the ribbon-cutting of the new exam room.
visit: Joined the walk-with-a-doc morning, 3 km around the pond.
"""),
    Kind.FUNCTIONAL_MEDICINE: pool("""
visit: Attended {first}'s evening on inflammation and training load.
content: Shared their guide to iron and fatigue in runners.
visit: Took the cooking workshop. The lentils were very good.
email: Told {first} which page of the gut guide people here ask about.
visit: Stopped by with a question about their intake form, stayed for tea.
visit: Went to the open house and met the whole team.
visit: Sat in on the stress talk at the community centre.
content: Put their sleep worksheet on our waiting-room table.
"""),
    Kind.OTHER: pool("""
visit: Came by during the open afternoon, {first} showed me around.
class: Took the taster session. Harder than it looks.
visit: Helped to stack chairs after their evening and met the regulars.
class: Second session. My forearms say no, the rest says yes.
visit: Bought tickets for the year-end show.
visit: Volunteered at the front table for an hour.
class: Saturday family session, brought my niece.
visit: Sat in the back for the information evening. Forty people.
content: Shared their fundraiser on our page.
"""),
}
CARE_SHOWED_UP = pool("""
visit: Came to the open afternoon and listened, mostly.
visit: Dropped off a plant for the new room.
content: Shared {first}'s column in our letter.
visit: Sat in on {first}'s evening for newcomers.
email: Told {first} how much people here like that leaflet.
visit: Booked an hour for myself, to know what I talk about.
""")

ASKED_ADVICE = pool("""
advice_asked: Asked {first} how a newcomer should work with places in this town. Answer: show up, then wait.
advice_asked: Asked what their members wish a physio understood. "Tell us what we CAN do."
advice_asked: Asked {first} how they like to be approached. In person, never by phone before ten.
advice_asked: Asked which local events are worth a Saturday. Got a list of five.
advice_asked: Asked how {first} chooses whom to trust. Two of those are near us.
advice_asked: Asked what went wrong with the last therapist. Never reported back.
advice_asked: Asked {first} what to charge for a staff clinic. "The first one nothing, then a fair price."
advice_asked: Asked for honest words about our website. It hides the phone number. Fixed.
advice_asked: Asked who else in town I should know. Three names, one introduction promised.
advice_asked: Asked {first} which topic would fill a Saturday morning.
""")

ADVICE_OF_DOCTORS = pool("""
advice_asked: Asked {first} what a useful note back looks like. One line, plain words, within a week.
advice_asked: Asked when to send people back to {first} rather than carry on. Good, clear answer.
advice_asked: Asked how patients here hear about cash-pay care. Prices on one page, says {first}.
advice_asked: Asked {first} which complaints wait longest for a therapist. Backs and dizziness.
advice_asked: Asked how {first} built a panel without insurance. Two hours, four pages of notes.
""")

TALKED = {
    "fitness": pool("""
meeting: Coffee with {first}. Biggest worry: people who stop coming after a tweak.
meeting: Walked through the floor with {first}. We agree on loading early.
call: Ten minutes about the shoulder screen. {first} wants it short.
text: Sent the three-question knee check {first} asked for.
meeting: Lunch with {first}: what the coaches do when something hurts.
email: Summed up our talk in five lines and asked whether I got it right.
visit: Talked at the desk for a quarter of an hour. They have seen our sign.
meeting: Sat down about a trainers' hour. {first} would rather start with one lunch.
call: {first} called back about the parking for Saturday. Easy.
text: {first} asked if running with a sore heel is fine. Answered with two questions and a plan.
meeting: Compared calendars. The start of the month is full there, the end is quiet.
email: {first} forwarded our note to the other coaches.
visit: Met the new coach. Showed what we look at in a first visit.
text: Thanked {first} for the honest feedback, said what I changed.
"""),
    "medical": pool("""
meeting: First sit-down with {first}, twenty minutes, asked more than I told.
call: Talked about direct access and when {first} wants to be in the loop.
meeting: Tea at their kitchen table of an office. We both time our visits at an hour.
email: Sent our cash prices and what the first visit holds. One page, as asked.
call: {first} wanted to know how fast we can see an acute back. Within two days.
meeting: Compared how we handle the note back. Theirs is better, took it over.
email: {first} asked for the evidence on early loading. Sent two papers and one sentence.
visit: Dropped by between their appointments, five good minutes.
meeting: Lunch with {first} and the front desk. The desk decides who gets a flyer.
call: Returned {first}'s call about dizziness. We do see that.
email: Agreed on plain words for the hand-over, no forms.
text: {first} confirmed for noon.
"""),
    "care": pool("""
meeting: Tea with {first}. We see the same people six weeks apart.
call: {first} asked when to send somebody on. Agreed on three plain signs.
meeting: Compared how long our first visits take. Both an hour.
email: Sent the draft of the handout, asked for red ink.
call: {first} called between two appointments. Yes to the handout.
text: {first} likes the second version better.
"""),
    "other": pool("""
meeting: Coffee with {first}. The question there is always fingers, backs and growing.
call: {first} asked what to say when something hurts on a Saturday.
visit: Stood at the side with {first} for half an hour and watched.
email: Summed up what I understood, three lines.
meeting: Sat down with {first} and the calendar. Spring would suit them.
text: {first} asked for the stretch with the towel. Sent a picture.
"""),
}  # fmt: skip

GAVE = {
    "fitness": pool("""
+content: Wrote a one-page warm-up for their six o'clock class.
+visit: Free movement screen for the coaches, five of them, an hour.
+content: Made a poster about when to rest and when to load.
+intro: Introduced {first} to the nutritionist at Clearwater.
+visit: Ran a fifteen-minute talk after class: tendons in plain words.
+content: Sent the return-to-running ladder, their logo on top.
+visit: Lent them our balance boards for the month.
+intro: Sent two people who were looking for a place to train.
+content: Recorded a two-minute shoulder warm-up for their members.
+visit: Looked at the heel of {first}'s own foot. On the house.
+content: Shared their new schedule in our letter.
+email: Gave {first} the template we use for new-member questions.
+visit: Free screen day at their place, eleven people, no selling.
+content: Wrote the injury paragraph for their handbook.
+intro: Brought the shoe shop and {first} together for a demo night.
+visit: Taped ankles for an hour before their event.
+content: Wrote six lines on sleep and soreness for their newsletter.
+email: Sent {first} the list of quiet places to train near the lake.
+visit: Stood at their table on club day, answered everything about knees.
+content: Drew the calf routine as a strip of pictures for the wall.
"""),
    "medical": pool("""
+content: Printed a one-page guide to what we treat and how fast, prices included.
+intro: Sent {first} somebody who was looking for a family doctor.
+content: Wrote the home programme for backs that their desk now hands out.
+visit: Half an hour with the staff about desks and necks. Brought cake.
+email: Summed up a new guideline on knees in six lines.
+intro: Introduced {first} to Leela, who teaches the gentle class.
+visit: Free ergonomic look at their front desk.
+content: Put their practice on our page of people we trust.
+content: Sent the fall-prevention leaflet with {first}'s number on it.
+visit: Taught {first} the two-minute balance test we use.
+intro: Passed on a question about hormones that was not ours to answer.
+email: Proof-read their page on joint pain. Two commas and one claim.
"""),
    "other": pool("""
+content: Wrote a warm-up card for their wall, laminated.
+visit: Free screen for the staff on Saturday morning.
+intro: Introduced {first} to Neil of the Striders for the summer camp.
+content: A one-page answer to the question everybody asks there.
+visit: Gave twenty minutes at their evening about growing and aching.
+content: Shared their new programme with our list of clients' families.
+visit: Helped at the open day with the balance corner.
+email: Sent the handout in plain words that {first} wanted.
+intro: Sent a family over who was looking for exactly this.
"""),
    "care": pool("""
+content: Wrote the plain-words handout {first} asked for.
+visit: Half an hour with the team about lifting and carrying.
+intro: Introduced {first} to Ife, who runs with strollers.
+content: Put them on our page of people we trust.
+email: Answered four questions from their evening, in writing.
+content: Printed a hundred copies of the handout for them.
"""),
}

STEADY = {
    "fitness": pool("""
text: Checked in with {first}. All good, new coach starts Monday.
visit: Ten minutes after the session, traded news.
call: {first} asked about a class for runners after work. Yes.
class: Took the early class again. Half the room says hello now.
text: Congratulated {first} on the meet. Three podiums.
visit: Brought coffee on a wet morning.
email: Sent what changed because of {first}'s advice.
meeting: Quarterly coffee: what worked, what to drop, next workshop.
card: Birthday card for the club: ten years.
text: {first} wanted the warm-up as a picture. Sent.
visit: Saw the refitted floor. Better light for the screen days.
class: Club morning, carried cones.
email: Shared the numbers of the screen day, no names.
call: Planned the next quarter with {first}.
"""),
    "medical": pool("""
call: Monthly call with {first}, eight minutes, nothing stuck.
email: One line to say that our Friday hours change.
visit: Dropped off more of the one-page guides.
meeting: Breakfast with {first}, who would like a talk for members.
email: Asked whether our notes arrive in time. They do.
call: {first} asked how to word it for people who are wary of cash prices.
visit: Met the new nurse, showed where we are on the map.
email: Sent the two papers {first} mentioned.
text: {first} says the desk likes the leaflet. Printing more.
card: Card for the practice's second year.
"""),
    "other": pool("""
text: Checked in with {first}, busy for another two weeks.
visit: Brought new warm-up cards, the old ones were loved to bits.
call: {first} asked for a date next quarter.
meeting: Coffee with {first}, compared calendars.
email: Told {first} what came of the advice.
visit: Five minutes at the door after the Saturday session.
card: Wrote a card for their anniversary.
call: Talked through the poster, two words changed.
"""),
    "care": pool("""
call: Five minutes with {first}, nothing stuck.
email: Asked whether the handout is still in use. It is.
visit: Brought more handouts and a thank-you for the tea.
meeting: Tea with {first}, planned one evening together.
text: {first} asked for our hours on Fridays.
card: Wrote a card for {first}'s anniversary in practice.
"""),
}

THANKED = pool("""
thanks: Wrote {first} a card by hand: thank you for thinking of us.
thanks: Called to say thank you. No details, just thanks.
thanks: Thanked {first} in person after class.
thanks: Short letter: thank you for the trust, we will take good care.
thanks: Stopped by with a thank-you, stayed two minutes.
thanks: Text to {first}: thank you for sending somebody our way.
thanks: Said thank you at the desk, in front of the team.
thanks: Thank-you note with the picture of the lake.
""")

UNANSWERED = pool("""
voicemail: Left a short message, no answer yet.
voicemail: Tried again at four. Machine.
email: Wrote two lines, no answer.
voicemail: Message with {first}'s front desk.
text: Asked for ten minutes next week. Nothing yet.
""")

HOSTED = pool("""
call: Fixed the date for the workshop with {first}. Room and mats are theirs.
visit: Measured the room, counted chairs, tried the microphone.
email: Sent {first} the poster and the sign-up link.
""")

OUTDOORS = pool("""
text: {first} moved the session to the park. See you there.
visit: Held the stopwatch for the beginners.
email: Sent {first} the three warm-up drills with pictures.
""")

# Words that would sound odd at some kinds of place.
ODD = {
    Kind.RUNNING_CLUB: ("floor", "desk", "their place", "the wall", "the meet", "new coach"),
    Kind.YOGA_STUDIO: ("floor", "podiums", "coach", "cones", "ankles", "club", "the meet"),
}

FITNESS = (Kind.GYM, Kind.YOGA_STUDIO, Kind.RUNNING_CLUB)
MEDICAL = (Kind.DPC_PHYSICIAN, Kind.FUNCTIONAL_MEDICINE)


def group(kind: Kind) -> str:
    return "fitness" if kind in FITNESS else "medical" if kind in MEDICAL else "other"


def for_phase(phase: str, kind: Kind, which: str) -> list[Line]:
    """Every line that fits this kind of partner in this phase of the acquaintance."""
    pools = {
        "noticed": NOTICED,
        "showed_up": CARE_SHOWED_UP if which == "care" else SHOWED_UP[kind],
        "advice": ADVICE_OF_DOCTORS if which == "medical" else ASKED_ADVICE,
        "talked": TALKED[which],
        "gave": GAVE[which],
        "steady": STEADY[which] + (OUTDOORS if kind == Kind.RUNNING_CLUB else ()),
        "unanswered": UNANSWERED,
        "hosted": HOSTED,
        "thanked": THANKED,
    }
    odd = ODD.get(kind, ()) if phase in ("talked", "gave", "steady") else ()
    return [line for line in pools[phase] if not any(word in line.words for word in odd)]
