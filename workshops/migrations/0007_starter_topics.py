"""Seven topics to begin with. They are the owner's from then on: edited, archived or left alone at will."""

from django.db import migrations

MEMBERS, STAFF = "members", "staff"
TOPICS = [
    {
        "name": "Shoulders that keep up with your training",
        "audience": MEMBERS,
        "minutes": 75,
        "capacity": 10,
        "summary": "Press, pull and sleep on it: what shoulders need when the weights get heavier.",
        "description": (
            "An hour on the training floor. We look at how a shoulder moves overhead, find the range that feels good "
            "today, and build three exercises that widen it.\n\n"
            "Come in clothes you can move in. Beginners and old hands are both right here."
        ),
        "outline": (
            "10 min  Welcome. What do you want to do overhead that you do not do now? Write the answers up.\n"
            "15 min  How a shoulder shares the work: ribs, blade, arm. Show it on one volunteer.\n"
            "15 min  Two checks everybody does on themselves: reach up the back, hang from the bar.\n"
            "25 min  Three exercises at three levels. Walk around, change one thing for each person.\n"
            "10 min  Questions, the handout, who would like a call. Thank the host before everybody."
        ),
        "follow_up_subject": "Your three shoulder exercises",
        "follow_up_words": (
            "Thank you for coming. Here are the three exercises once more, with the level you found.\n\n"
            "Do them twice a week before you train, for four weeks, and notice which one makes the first press of the "
            "day easier. If one of them hurts, leave it out, and write to us."
        ),
    },
    {
        "name": "Run without stopping every spring",
        "audience": MEMBERS,
        "minutes": 90,
        "capacity": 12,
        "summary": "How much, how soon, and what to do when the shin complains.",
        "description": (
            "For runners who stop every year at the same place. We talk about load, film everybody for twenty seconds, "
            "and leave with a plan for six weeks.\n\nWe run two easy kilometres at most. Bring the shoes you run in."
        ),
        "outline": (
            "10 min  Welcome. How many stopped last year, and in which week?\n"
            "20 min  Load in one picture: the week you did too much is the week before it hurt.\n"
            "20 min  Film in pairs, twenty seconds each. One cue for each person, no more.\n"
            "25 min  Calf, hip and trunk: one exercise for each, done to a good effort.\n"
            "15 min  Write your own six weeks. Questions. The handout."
        ),
        "follow_up_subject": "Your six weeks of running",
        "follow_up_words": (
            "Thank you for running with us. The plan rests on one rule: if a run leaves you sorer the next "
            "morning than the one before, repeat the week instead of adding to it.\n\n"
            "Write to us how week three went. We read every answer."
        ),
    },
    {
        "name": "Hips that sit all day and lift at night",
        "audience": MEMBERS,
        "minutes": 60,
        "capacity": 14,
        "summary": "From the desk to the squat rack without the stiff first twenty minutes.",
        "description": (
            "Most of us sit for eight hours and then ask for a deep squat. This hour is about the twenty minutes in "
            "between.\n\nYou leave with a warm-up of six minutes that is made for your hips."
        ),
        "outline": (
            "10 min  Everybody squats once, as it is. No corrections yet.\n"
            "15 min  Which part is stiff: ankle, hip or the fear of it? Three quick checks.\n"
            "25 min  The six-minute warm-up, built by each person from a menu of nine.\n"
            "10 min  Squat again. Questions, the handout, thanks to the host."
        ),
        "follow_up_subject": "Your six-minute warm-up",
        "follow_up_words": (
            "Thank you for coming. Your warm-up has three parts: one that moves the ankle, one that opens the hip, one "
            "that wakes the legs. Two minutes each, before you lift.\n\nTell us in a month whether the first set feels different."
        ),
    },
    {
        "name": "Before it hurts: what to watch for on the floor",
        "audience": STAFF,
        "minutes": 60,
        "capacity": 12,
        "summary": "For trainers: see it early, change one thing, and know when to send somebody on.",
        "description": (
            "A session for your team. What fatigue looks like before it becomes pain, how to change an exercise without "
            "taking it away, and a clear line for when a member should be seen.\n\nBring the three cases you think about most."
        ),
        "outline": (
            "10 min  Each trainer names one member they worry about. No names of illnesses, no diagnoses.\n"
            "15 min  Five signs of tired movement. Show each of them, then let the team find them on video.\n"
            "20 min  Change one thing: load, range, tempo or grip. Practise on each other.\n"
            "10 min  The line: numbness, night pain, a joint that locks, pain after a fall. Then it is not a matter for the floor.\n"
            "5 min   What would help you most next time? Write it down, and come back with it."
        ),
        "follow_up_subject": "Five signs on one page",
        "follow_up_words": (
            "Thank you for the hour and the good questions. The five signs and the four things to change fit on one page, "
            "which you may hang up in the staff room.\n\n"
            "If a case keeps you thinking, write to us in general words, without anybody’s name. We answer."
        ),
    },
    {
        "name": "Warm-ups that earn their time",
        "audience": STAFF,
        "minutes": 45,
        "capacity": 15,
        "summary": "For trainers: fewer drills, better chosen, in eight minutes before any class.",
        "description": (
            "Your team’s own warm-ups, taken apart kindly and put together again. We keep what prepares for the session "
            "and drop what only fills it."
        ),
        "outline": (
            "10 min  Every trainer shows their usual first three drills.\n"
            "10 min  One question for each drill: what of the session does it prepare?\n"
            "20 min  Build an eight-minute warm-up for three of your classes, and try one of them.\n"
            "5 min   Agree on which one everybody uses for a month."
        ),
        "follow_up_subject": "The three warm-ups we built",
        "follow_up_words": (
            "Thank you for letting us in. Here are the three warm-ups as you built them. Use one for a month, and tell us "
            "what members say.\n\nWe will gladly come back and watch a class."
        ),
    },
    {
        "name": "Backs that get better: what helps, and what can wait",
        "audience": MEMBERS,
        "minutes": 60,
        "capacity": 12,
        "summary": "For patients: why most backs calm down, what speeds it up, and when to call your physician.",
        "description": (
            "An hour with your physician’s practice and ours. What a sore back usually needs in the first weeks, what "
            "you can stop worrying about, and the few signs that should be looked at soon.\n\n"
            "Nobody has to say anything about their own health. Questions are welcome in general words."
        ),
        "outline": (
            "5 min   The host opens: why we do this together.\n"
            "15 min  What pictures of backs show, and what they do not. Why moving early is safe for most.\n"
            "20 min  Four positions that ease, four movements that build. Everybody tries, at their own height.\n"
            "10 min  When to call: the short list, read out by the physician.\n"
            "10 min  Questions without anybody’s story. The handout. Who would like a call?"
        ),
        "follow_up_subject": "Four that ease, four that build",
        "follow_up_words": (
            "Thank you for coming. Choose one of the four that ease for bad days, and two of the four that build for all "
            "others. Ten minutes are enough.\n\n"
            "The short list of signs is on the back of the page. If one of them is yours, call your physician first."
        ),
    },
    {
        "name": "Steady on your feet, whatever your age",
        "audience": MEMBERS,
        "minutes": 60,
        "capacity": 10,
        "summary": "For patients: strength and balance that you can train at home, and how to know that it works.",
        "description": (
            "Balance is trained, not kept. We try four ways to train it that fit into a kitchen, and measure where you "
            "stand today, so that you can see the difference in eight weeks.\n\nBring shoes that hold. Chairs are there for everybody."
        ),
        "outline": (
            "10 min  Welcome, sitting. What would you do more of if you felt steadier?\n"
            "15 min  Measure: ten seconds on one leg beside a chair, five times up from the chair.\n"
            "25 min  Four exercises at the kitchen counter, each in an easier and a harder way. Stand behind whoever wobbles.\n"
            "10 min  Write your numbers on the page. What to do in eight weeks. Questions."
        ),
        "follow_up_subject": "Your numbers, and how to better them",
        "follow_up_words": (
            "Thank you for coming. Do the four exercises on three days a week, at the counter, for eight weeks. Then "
            "measure again: ten seconds on one leg, five times up from the chair.\n\n"
            "If your numbers have not moved, call us, and we look at it together."
        ),
    },
]


def begin(apps, schema_editor) -> None:
    topic = apps.get_model("workshops", "Topic")
    for words in TOPICS:
        topic.objects.get_or_create(name=words["name"], defaults=words)


class Migration(migrations.Migration):
    dependencies = [("workshops", "0006_together")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
