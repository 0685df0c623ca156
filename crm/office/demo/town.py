"""Port Alder, Ontario: its practice, and everybody the practice would like to know. All of it is invented."""

from __future__ import annotations

from dataclasses import dataclass

from crm.office.demo import OWNER_EMAIL
from partners.models import Kind, Stage

SOURCE = "demo"
TOWN = "Port Alder"

PROFILE = {
    "name": "Tamarack Physiotherapy",
    "tagline": "Move well, for as long as you like.",
    "legal_name": "Tamarack Physiotherapy Professional Corporation",
    "email": "hello@tamarack.example.com",
    "phone": "613-555-0190",
    "street": "18 Foundry Lane",
    "city": TOWN,
    "region": "ON",
    "postal_code": "K0Z 4A1",
    "country": "CA",
    "hours": "Mon-Thu 08:00-18:00\nFri 08:00-15:00",
    "time_zone": "America/Toronto",
    "license_number": "CPO 00000",
}

# address, first name, last name, role
STAFF = (
    (OWNER_EMAIL, "Maren", "Holt", "Owner"),
    ("assistant@example.com", "Joel", "Abara", "Assistant"),
    ("viewer@example.com", "Colette", "Marsh", "Viewer"),
)


@dataclass(frozen=True)
class Person:
    """Somebody at a partner's. ``consent``: yes, implied, no (they said yes and later no), or none."""

    name: str
    title: str
    mailbox: str = ""
    consent: str = "yes"
    is_provider: bool = False


@dataclass(frozen=True)
class Place:
    """A partner as the story finds it, and where the story leaves it."""

    name: str
    kind: Kind
    stage: Stage
    street: str
    domain: str
    people: tuple[Person, ...] = ()
    reason: str = ""
    notes: str = ""
    hours: str = ""
    quiet_weeks: int = 0  # how long ago the last word was, where it was too long ago
    referrals: int = 0
    group: str = ""  # whose lines fit, where the kind does not say


def person(name: str, title: str, mailbox: str = "", consent: str = "yes") -> Person:
    return Person(name, title, mailbox, consent)


def provider(name: str, title: str, mailbox: str = "", consent: str = "yes") -> Person:
    return Person(name, title, mailbox, consent, is_provider=True)


G, Y, R, D, F, O = (  # noqa: E741 - a table reads better with short columns
    Kind.GYM,
    Kind.YOGA_STUDIO,
    Kind.RUNNING_CLUB,
    Kind.DPC_PHYSICIAN,
    Kind.FUNCTIONAL_MEDICINE,
    Kind.OTHER,
)

PLACES = (
    Place(
        "Ironpeak Strength", G, Stage.CHAMPION, "4 Foundry Lane", "ironpeak.example",
        (person("Dana Kowalczyk", "Head coach", "coach"), person("Rohan Mistry", "Trainer", "rohan")),
        notes="Two doors down. Dana sends her lifters before they quit training. Never asks for anything back.",
        hours="Mon-Fri 05:30-21:00, Sat 08:00-13:00", referrals=3,
    ),
    Place(
        "Foundry Barbell Club", G, Stage.ACTIVE, "31 Station Street", "foundrybarbell.example",
        (person("Marcus Oyelaran", "Owner", "marcus"),),
        notes="Competes himself. Likes short texts, hates the phone.", hours="Mon-Sat 06:00-21:00", referrals=1,
    ),
    Place(
        "Second Wind Training", G, Stage.ACTIVE, "77 Church Street", "secondwind.example",
        (person("Gloria Pettigrew", "Owner", "gloria"), person("Stan Wojcik", "Trainer", "stan", "none")),
        notes="Strength for people over 55. Most members have a hip or a knee story.", referrals=1, quiet_weeks=11,
    ),
    Place(
        "North Quay Cross-Training", G, Stage.FIRST_REFERRAL, "2 Quay Street", "northquay.example",
        (person("Alicia Romero", "Head coach", "alicia"),), hours="Daily 06:00-20:00", referrals=1,
    ),
    Place(
        "Lakeside Fitness", G, Stage.GIVING_VALUE, "140 Front Street", "lakesidefitness.example",
        (person("Jen Tremblay", "General manager", "jen"), person("Omar Saleh", "Personal trainer", "omar")),
        notes="Biggest gym in town, six trainers. Jen decides, Omar knows everybody.",
    ),
    Place(
        "Kettle & Rope", G, Stage.CONVERSATION, "9 Mill Road", "kettleandrope.example",
        (person("Tomasz Brandt", "Owner", "tomasz"),),
    ),
    Place(
        "The Rowing Room", G, Stage.SHOWING_UP, "22 Harbour Street", "rowingroom.example",
        (person("Ben Achterberg", "Owner", "ben", "implied"),),
    ),
    Place(
        "Motion Lab Personal Training", G, Stage.SHOWING_UP, "15 Bridge Street", "motionlab.example",
        (person("Yusuf Demir", "Owner and trainer", "yusuf"),),
    ),
    Place("Anvil Athletics", G, Stage.IDENTIFIED, "201 County Road 9", "anvil.example",
          (person("Shanice Boyd", "Owner", "shanice", "none"),)),
    Place(
        "Grit Lane Bootcamp", G, Stage.DORMANT, "6 Grit Lane", "gritlane.example",
        (person("Kyle Nadeau", "Owner", "kyle", "no"),), reason="Did not answer three times. Try again in spring.",
    ),
    Place(
        "Still Water Yoga", Y, Stage.ACTIVE, "12 Orchard Road", "stillwater.example",
        (person("Leela Raman", "Owner", "leela"), person("Tom Bright", "Front desk", "desk")),
        notes="Hosts our workshops: quiet room, props, parking behind the house.", referrals=2,
    ),
    Place(
        "Reformer House Pilates", Y, Stage.FIRST_REFERRAL, "58 Church Street", "reformerhouse.example",
        (person("Sophie Lang", "Owner", "sophie"),), referrals=1,
    ),
    Place(
        "Heron Yoga & Pilates", Y, Stage.GIVING_VALUE, "3 Heron Court", "heronyoga.example",
        (person("Claire Beaudoin", "Owner", "claire"),), quiet_weeks=4,
    ),
    Place(
        "Sunfold Studio", Y, Stage.CONVERSATION, "84 King Street", "sunfold.example",
        (person("Mia Johansson", "Lead teacher", "mia"),), quiet_weeks=7,
    ),
    Place(
        "Breathing Space", Y, Stage.SHOWING_UP, "19 Cedar Lane", "breathingspace.example",
        (person("Oona Murphy", "Owner", "oona"),),
    ),
    Place("Mat & Meadow", Y, Stage.IDENTIFIED, "310 Orchard Road", "matandmeadow.example",
          (person("Hana Suzuki", "Owner", "hana", "none"),)),
    Place(
        "Alder Hot Yoga", Y, Stage.PAUSED, "45 Station Street", "alderhot.example",
        (person("Renee Castellano", "Owner", "renee"),), reason="Closed for the renovation.",
    ),
    Place(
        "Port Alder Striders", R, Stage.CHAMPION, "1 Lakeshore Park", "striders.example",
        (person("Neil Fairweather", "President", "neil"), person("Beth Larkin", "Coach, beginners", "beth")),
        notes="140 members. Meets Tuesdays 18:30 and Saturdays 08:00 at the boathouse.", referrals=3,
    ),
    Place(
        "Lakefront Run Club", R, Stage.ACTIVE, "66 Front Street", "lakefrontrun.example",
        (person("Tessa Goldberg", "Organizer", "tessa"),), notes="Free club run from the shoe shop.", referrals=1,
    ),
    Place(
        "Trail Mix Runners", R, Stage.GIVING_VALUE, "Ridge Road trailhead", "trailmix.example",
        (person("Andre Bouchard", "Founder", "andre"),),
    ),
    Place(
        "Mothers in Motion", R, Stage.CONVERSATION, "Lakeshore Park pavilion", "mothersinmotion.example",
        (person("Ife Balogun", "Founder", "ife"),), notes="Running with a stroller. Asks about pelvic floor a lot.",
    ),
    Place(
        "Early Birds 5K", R, Stage.SHOWING_UP, "Old Rail Trail, mile 0", "earlybirds.example",
        (person("Pam Whitlock", "Organizer", "pam"),),
    ),
    Place("Alder High Cross-Country", R, Stage.IDENTIFIED, "500 School Street", "alderhigh.example",
          (person("Ray Dunmore", "Coach", "ray.dunmore", "none"),)),
    Place(
        "Okoye Direct Primary Care", D, Stage.ACTIVE, "10 Bridge Street", "okoyecare.example",
        (provider("Dr. Chidi Okoye", "Physician", "chidi"), person("Simone Clarke", "Practice manager", "simone")),
        notes="Wants one line back when a shared patient has been seen. No fax there: e-mail.", referrals=2,
    ),
    Place(
        "Bridge Street Family Medicine", D, Stage.FIRST_REFERRAL, "27 Bridge Street", "bridgestreet.example",
        (provider("Dr. Helen Varga", "Physician", "helen.varga"),), referrals=1,
    ),
    Place(
        "Cedar Lane Direct Care", D, Stage.GIVING_VALUE, "40 Cedar Lane", "cedarlane.example",
        (provider("Dr. Samir Haddad", "Physician", "samir"), person("Lynn Foster", "Nurse", "lynn")),
    ),
    Place(
        "Millrace Direct Primary Care", D, Stage.CONVERSATION, "5 Millrace", "millrace.example",
        (provider("Dr. Joanna Pike", "Physician", "jpike"),),
    ),
    Place(
        "Plainview Direct Care", D, Stage.SHOWING_UP, "118 County Road 9", "plainview.example",
        (provider("Dr. Ruth Ansah", "Physician", "ruth"),),
    ),
    Place("Open Door DPC", D, Stage.IDENTIFIED, "63 King Street", "opendoor.example",
          (provider("Dr. Luis Ferreira", "Physician", "luis", "none"),)),
    Place(
        "Harbour House Medicine", D, Stage.NOT_A_FIT, "1 Harbour Street", "harbourhouse.example",
        (provider("Dr. Ingrid Solberg", "Physician", "ingrid"),),
        reason="Sends everybody to the therapists in the hospital.",
    ),
    Place(
        "Clearwater Integrative Health", F, Stage.ACTIVE, "92 Church Street", "clearwater.example",
        (provider("Dr. Farah Aziz", "Naturopathic doctor", "farah"), person("Dylan Roy", "Coordinator", "office")),
        referrals=2,
    ),
    Place(
        "Rootwell Functional Medicine", F, Stage.GIVING_VALUE, "33 Orchard Road", "rootwell.example",
        (provider("Dr. Amara Singh", "Functional medicine", "amara"),),
    ),
    Place(
        "Whole Thread Health", F, Stage.CONVERSATION, "7 Tannery Row", "wholethread.example",
        (provider("Noelle Fontaine", "Nurse practitioner", "noelle"),),
    ),
    Place(
        "Juniper Hill Wellness", F, Stage.SHOWING_UP, "250 Ridge Road", "juniperhill.example",
        (provider("Dr. Theo Marchetti", "Functional medicine", "theo", "implied"),),
    ),
    Place("Meridian Lane Naturopathic", F, Stage.IDENTIFIED, "11 Meridian Lane", "meridianlane.example",
          (provider("Dr. Peter Kessler", "Naturopathic doctor", "peter"),)),
    Place(
        "Lantern Functional Health", F, Stage.DORMANT, "48 Front Street", "lantern.example",
        (provider("Dr. Grace Oduya", "Functional medicine", "grace"),),
        reason="Part-time until her twins are older.",
    ),
    Place(
        "Alder Valley Midwives", O, Stage.ACTIVE, "36 Cedar Lane", "aldermidwives.example",
        (provider("Bronwyn Hale", "Midwife", "bronwyn"), provider("Aoife Kearns", "Midwife", "aoife")),
        notes="Postpartum clients six weeks on. Bronwyn would like a short handout in plain words.", referrals=1, group="care",
    ),
    Place(
        "Summit Climbing Wall", O, Stage.GIVING_VALUE, "17 Tannery Row", "summitwall.example",
        (person("Jo Petrakis", "Manager", "jo"), person("Eli Novak", "Route setter", "eli")),
        notes="Fingers and shoulders. Jo would host a Sunday clinic.",
    ),
    Place(
        "Little Oak Massage Therapy", O, Stage.CONVERSATION, "21 Mill Road", "littleoak.example",
        (provider("Wen Li", "Massage therapist", "wen"),), group="care",
    ),
    Place(
        "Quayside Dance Academy", O, Stage.CONVERSATION, "30 Quay Street", "quaysidedance.example",
        (person("Natalia Reyes", "Director", "natalia"),),
    ),
    Place(
        "Port Alder Rowing Club", O, Stage.SHOWING_UP, "8 Boathouse Road", "alderrowing.example",
        (person("Iain Calder", "Captain", "iain"),),
    ),
    Place("Port Alder Community Centre", O, Stage.IDENTIFIED, "100 School Street", "padcentre.example",
          (person("Denise Arcand", "Programs"),)),
    Place(
        "Silver Heron Retirement Living", O, Stage.PAUSED, "5 Heron Court", "silverheron.example",
        (person("Walter Kim", "Activities director", "walter"),), reason="The new director starts next season.", group="care",
    ),
)  # fmt: skip
