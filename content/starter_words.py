"""The words of the site to begin with. People, partners and prices are invented."""

from __future__ import annotations

from collections.abc import Iterable

from wagtail.images.models import Image

Pictures = dict[str, Image]
Blocks = list[tuple[str, dict]]

PICTURES = {
    "morning-run": ("Morning run", "A runner in a coral shirt crosses a ridge in front of a rising sun."),
    "stride": ("Stride", "A runner in a white shirt follows a path through green hills."),
    "treatment-room": ("Treatment room", "A treatment table under a wide window, with a plant and an exercise ball."),
    "therapist": ("Therapist", "A smiling therapist with brown hair and a green shirt."),
    "class": ("Class", "Three people hold a long lunge with their arms raised."),
    "side-by-side": ("Side by side", "Two sets of rings overlap, and a dotted arc joins their centres."),
}

HOME_TITLE = "Physical therapy, one to one"
HOME_DESCRIPTION = (
    "A full hour with the same therapist, plain prices and a plan that fits your week. "
    "Physical therapy for people who run, lift, climb stairs and carry children."
)


def picture(pictures: Pictures, name: str) -> dict:
    return {"image": pictures[name].pk, "decorative": False, "alt_text": PICTURES[name][1]}


NO_PICTURE = {"image": None, "decorative": False, "alt_text": ""}


def link(label: str = "", *, page: int | None = None, address: str = "") -> dict:
    return {"label": label, "page": page, "address": address}


def head(heading: str, *, eyebrow: str = "", text: str = "") -> dict:
    return {"eyebrow": eyebrow, "heading": heading, "text": text}


def card(title: str, text: str, to: dict | None = None) -> dict:
    return {"title": title, "text": text, "link": to or link()}


def question(text: str, answer: str) -> dict:
    return {"question": text, "answer": f"<p>{answer}</p>"}


def home(pictures: Pictures, pages: dict[str, int], *, city: str, therapist: str, partners: Iterable[str]) -> Blocks:
    return [
        ("hero", {
            "eyebrow": f"Physical therapy in {city}" if city else "Physical therapy",
            "heading": "Get back to the thing you miss.",
            "text": "The Saturday run. The heavy deadlift. Carrying a sleeping child upstairs. You get one therapist, "
            "a full hour each time, and a plan that fits your week.",
            "image": picture(pictures, "morning-run"),
            "first_link": link("Book a free call", page=pages["contact"]),
            "second_link": link("See what we do", page=pages["services"]),
            "facts": ["60 minutes, one to one", "No referral needed", "Prices up front"],
        }),
        ("partners", {
            "heading": "Local people who send their people to us",
            "partners": [{"name": name, "image": NO_PICTURE, "address": ""} for name in partners],
        }),
        ("cards", head("What brings people in", text="Most come because something they love has become smaller. "
                       "We start there, and work backwards to what needs to change.") | {"cards": [
            card("Running and walking", "Knees, shins, hips and heels that speak up after the second mile. We watch "
                 "you move, change one thing at a time, and build the distance back."),
            card("Strength and sport", "Shoulders under a bar, backs before a pull, ankles on a court. We speak with "
                 "your coach if you like, so training goes on while we work."),
            card("Everyday life", "Desks, gardens, stairs, long drives and small children. Ten minutes a day that you "
                 "will really do beat an hour that you will not."),
        ]}),
        ("steps", head("How it works", text="No mystery, no package to sign on the first day.") | {"steps": [
            {"title": "We talk", "duration": "15 minutes, free",
             "text": "You tell us what you would like to do again. If we are not the right people, we say who is."},
            {"title": "We look", "duration": "60 minutes",
             "text": "You move, we watch and measure. You go home knowing what we think, and with a first thing to do."},
            {"title": "We build", "duration": "A few visits, spread out",
             "text": "Fewer visits, more in between: short videos, honest check-ins, and a plan that changes with you."},
        ]}),
        ("testimonial", {
            "quote": "I was ready to sell my bike. Somebody finally watched me ride it, for an hour, and asked what I "
            "wanted from the summer.",
            "name": "Renée B.", "detail": "Commutes over the bridge all winter", "consented_on": "2026-03-14",
        }),
        ("image_text", head("One room, one therapist", eyebrow="Why it feels different") | {
            "text": f"<p>There is no row of tables here and nobody hurries off to the next one. {therapist} sees one "
            "person at a time, from the first call to the last visit.</p><p>We do not bill insurers, so nobody but "
            "you and your therapist decides how long a visit takes. You pay a plain price and get a receipt with "
            "everything a health plan usually asks for.</p>",
            "image": picture(pictures, "treatment-room"), "side": "right",
            "link": link("Meet your therapist", page=pages["about"]),
        }),
        ("workshops", head("Free workshops nearby", eyebrow="Learn with us",
                           text="Small evenings at gyms, studios and clubs around town. Come in what you train in.")
         | {"count": 3, "when_none": "No workshop is planned right now. The next dates appear here first."}),
        ("call_to_action", {
            "heading": "Fifteen minutes on the phone cost nothing.",
            "text": "Tell us what you miss. We will tell you honestly whether we can help.",
            "first_link": link("Book a free call", page=pages["contact"]),
            "second_link": link("Free screen for runners", page=pages["screen"]),
        }),
    ]  # fmt: skip


def about(pictures: Pictures, therapist: str) -> dict:
    return {
        "slug": "about", "title": "About", "heading": "A small practice, on purpose", "show_in_menus": True,
        "eyebrow": "Who you will meet",
        "intro": "One therapist, one room, and time to listen.",
        "search_description": "Who runs the practice, why it stays small, and what you can expect from us.",
        "body": [
            ("people", head("The person behind the door") | {"people": [{
                "name": therapist,
                "role": "Physical therapist and owner",
                "text": f"{therapist} spent nine years in a busy clinic, seeing somebody new every twenty minutes. "
                "The work was good. The clock was not.\n\nSo she opened a room of her own, where a visit lasts an "
                "hour and the same person opens the door each time. On Sundays you will find her on the river path, "
                "slowly, with a dog who is faster.",
                "image": picture(pictures, "therapist"),
            }]}),
            ("cards", head("What we hold ourselves to") | {"cards": [
                card("Time", "An hour means an hour. We book fewer people so that nobody is hurried."),
                card("Plain words", "You will understand what we think and why. If we do not know, we say that too."),
                card("Fewer visits", "Our aim is that you need us less. What you can do yourself, we teach you."),
                card("Neighbours", "We know the coaches, teachers and doctors around here, and work beside them."),
            ]}),
            ("testimonial", {
                "quote": "After the first visit I could explain my own shoulder to my husband. That had never happened "
                "before.",
                "name": "Ingrid S.", "detail": "Swims three mornings a week", "consented_on": "2026-05-02",
            }),
            ("call_to_action", {
                "heading": "Come and see the room.", "text": "The kettle is usually on.",
                "first_link": link("Find us", address="/contact/"), "second_link": link(),
            }),
        ],
    }  # fmt: skip


def services(pictures: Pictures) -> dict:
    return {
        "slug": "services", "title": "Services", "heading": "What we do and what it costs", "show_in_menus": True, "eyebrow": "Services",
        "seo_title": "Services and prices",
        "intro": "Three kinds of visit, each with the same therapist. You know the price before you come.",
        "image": pictures["treatment-room"],
        "search_description": "First visits, follow-ups and running assessments, with their prices.",
        "body": [
            ("prices", head("Plain prices") | {"plans": [
                {"name": "First visit", "price": "$165", "per": "60 minutes", "is_highlighted": True,
                 "text": "Where everybody starts.",
                 "points": ["Your story, without a clock", "A full look at how you move", "A first plan to take home"],
                 "link": link("Book a first visit", address="/contact/")},
                {"name": "Follow-up", "price": "$125", "per": "45 to 60 minutes", "is_highlighted": False,
                 "text": "As many as you need, as few as we can.",
                 "points": ["Hands-on work where it helps", "Your plan, adjusted", "Messages answered in between"],
                 "link": link("Ask a question", address="/contact/")},
                {"name": "Running assessment", "price": "$190", "per": "75 minutes", "is_highlighted": False,
                 "text": "For runners who want to know more.",
                 "points": ["Filmed on your own route", "Strength and range measured", "A written summary"],
                 "link": link("Try the free screen first", address="/runners/")},
            ], "note": "Prices include tax. Card, debit or transfer on the day. Move or cancel a visit until the evening "
               "before without a charge."}),
            ("image_text", head("Between visits") | {
                "text": "<p>Most of the change happens on the days you do not see us. So you get a short plan with "
                "videos of yourself, not of a model, and a place to tell us how it went.</p><ul><li>Two or three "
                "exercises, not twelve</li><li>An answer within one working day</li><li>A change of plan when life "
                "changes</li></ul>",
                "image": picture(pictures, "class"), "side": "left", "link": link(),
            }),
            ("faq", head("Good questions") | {"questions": [
                question("Do I need a referral from a doctor?", "No. You can come to us directly. If we think a doctor "
                         "should see you first, we will say so and help you find one."),
                question("Do you take insurance?", "We do not bill insurers. You get a detailed receipt, and many "
                         "health plans pay back some of it. Please ask yours what it covers."),
                question("What should I wear?", "What you would wear for a walk. If you run, bring the shoes you run in."),
                question("How many visits will I need?", "It depends on you and on what you want to do. After the first "
                         "visit we tell you what we expect, and we look at it again together every few weeks."),
            ]}),
            ("call_to_action", {
                "heading": "Not sure which one?", "text": "Ask us. It takes fifteen minutes and costs nothing.",
                "first_link": link("Book a free call", address="/contact/"), "second_link": link(),
            }),
        ],
    }  # fmt: skip


def membership(pictures: Pictures) -> dict:
    return {
        "slug": "membership", "title": "Membership", "heading": "Stay well after you are well", "show_in_menus": True, "eyebrow": "Membership",
        "seo_title": "Membership for people who have finished their plan",
        "intro": "For people who have finished their plan and want to keep what they gained: the same therapist, "
        "fewer visits, new goals.",
        "image": pictures["class"],
        "search_description": "A monthly membership for people who have finished their plan of care.",
        "body": [
            ("prices", head("Two ways to stay") | {"plans": [
                {"name": "Steady", "price": "$109", "per": "a month", "is_highlighted": False,
                 "text": "One visit a month to check, tune and plan.",
                 "points": ["One 45-minute visit each month", "A plan that changes with the season",
                            "Messages answered in between"],
                 "link": link("Ask about Steady", address="/contact/")},
                {"name": "Strong", "price": "$149", "per": "a month", "is_highlighted": True,
                 "text": "For a race, a season, or a goal with a date.",
                 "points": ["Two 45-minute visits each month", "Strength and range measured each quarter",
                            "A seat kept for you at every workshop", "Your coach in the loop, if you like"],
                 "link": link("Ask about Strong", address="/contact/")},
            ], "note": "Month by month. Stop whenever you like, with one e-mail."}),
            ("steps", head("A year with us") | {"steps": [
                {"title": "Look back", "duration": "Month one", "text": "What worked, what slipped, what you want next."},
                {"title": "Build", "duration": "Most months", "text": "A visit, a small change, and time to practise it."},
                {"title": "Measure", "duration": "Each quarter", "text": "The same few tests as last time, side by side."},
            ]}),
            ("testimonial", {
                "quote": "I like that somebody remembers how my hip was in March.",
                "name": "Theo A.", "detail": "Member for two years", "consented_on": "2026-04-21",
            }),
            ("call_to_action", {
                "heading": "Finished your plan with us?", "text": "Then you already have a place. Just tell us.",
                "first_link": link("Write to us", address="/contact/"), "second_link": link(),
            }),
        ],
    }  # fmt: skip


def for_partners(pictures: Pictures, therapist: str) -> dict:
    return {
        "slug": "for-partners", "title": "For partners", "heading": "For coaches, studios and doctors", "show_in_menus": True,
        "eyebrow": "Partners",
        "intro": "You know your people better than anybody. We would like to be useful to them, and to you.",
        "image": pictures["side-by-side"],
        "search_description": "How we work beside gyms, yoga studios, running clubs and physicians.",
        "body": [
            ("cards", head("What we can do for you", text="We come to you first. No flyers on the counter, no talk "
                           "about numbers.") | {"cards": [
                card("Gyms and studios", "A free workshop for your members each quarter, a talk for your trainers, and "
                     "somebody to ask when a member mentions a sore shoulder."),
                card("Running clubs", "Movement screens before the season, a hand at the start line, and plain advice "
                     "about when to rest."),
                card("Direct-care and functional-medicine practices", "Patients seen within the week, a short letter "
                     "back when they agree to it, and a therapist who answers the phone."),
            ]}),
            ("steps", head("How it usually starts") | {"steps": [
                {"title": "We come by", "duration": "", "text": "We take your class or visit your practice, and listen."},
                {"title": "We do one thing together", "duration": "",
                 "text": "Often a workshop. If it helped your people, we plan the next one."},
                {"title": "We keep in touch", "duration": "",
                 "text": "Once a quarter at least. When you send somebody, you hear from us the same week."},
            ]}),
            ("faq", head("Said plainly") | {"questions": [
                question("Do you pay for referrals?", "No, and we never will. We thank people with a card and with good "
                         "work. Nothing we do for a partner depends on who they send."),
                question("Will you tell me how my client is doing?", "Only if your client wants that and says so. "
                         "Privacy comes first, also among friends."),
                question("Do you treat my members for free?", "Workshops and screens are free. Care has the same plain "
                         "price for everybody."),
            ]}),
            ("lead_form", head("Let us meet", eyebrow="Say hello", text=f"Tell us where you are. {therapist} will come "
                               "by for a coffee or a class.") | {"question": "Where are you, and who do you look after?", "button": "Send"}),
        ],
    }  # fmt: skip


def contact() -> dict:
    return {
        "slug": "contact", "title": "Contact", "heading": "Talk to us", "show_in_menus": True, "eyebrow": "Contact",
        "intro": "Write a few words or call. A person answers, within one working day.",
        "search_description": "How to reach us, where we are and when we are there.",
        "body": [
            ("lead_form", head("Book a free call", text="Fifteen minutes to find out whether we are right for you.")
             | {"question": "What would you like to do again?", "button": "Send it"}),
            ("contact", head("Where to find us", text="Ground floor, no steps. There is a bike rack at the door, and "
                             "parking behind the building.")),
        ],
    }  # fmt: skip


def privacy() -> dict:
    return {
        "slug": "privacy", "title": "Privacy", "show_in_menus": False, "eyebrow": "Your data",
        "intro": "What we know about you, why, and how to make us forget it.",
        "search_description": "What this site keeps, why, and how to have it removed.",
        "body": [("text", {"text": (
            "<h2>On this site</h2><p>There are no trackers here, no advertising and nothing loaded from other companies. "
            "A form sets one cookie that protects it against misuse; it says nothing about you.</p>"
            "<h2>When you write to us</h2><p>We keep your name, your address and what you wrote, so that we can answer. "
            "Please leave out medical details; those belong in a conversation, not in a form. If nothing comes of it, "
            "we forget it eighteen months after we last heard from you; if you want it gone earlier, say so and we "
            "remove it.</p>"
            "<h2>When you join a workshop</h2><p>We keep your seat, send you a confirmation, and tell the "
            "host how many people are coming. The host does not get your name from us.</p>"
            "<h2>Letters</h2><p>You get news from us only if you asked for it. Every letter has a link that stops the next "
            "one, with a single click.</p>"
            "<h2>Your say</h2><p>Ask us what we have about you, have it corrected, or have it removed. One e-mail is "
            "enough, and we answer within thirty days.</p>"
        )})],
    }  # fmt: skip


def movement_screen(pictures: Pictures) -> dict:
    return {
        "slug": "runners", "title": "Free movement screen for runners", "show_in_menus": False,
        "eyebrow": "For runners, free until the season starts",
        "heading": "Twenty minutes that know your stride.",
        "intro": "We watch you squat, hop and run, measure four things, and tell you what we see. You leave with one "
        "page and two exercises. Nothing to buy.",
        "image": pictures["stride"],
        "search_description": "A free twenty-minute movement screen for runners: four measurements, one page, no sales.",
        "form_heading": "Save me a screen",
        "form_text": "We call or write within one working day to find a time.",
        "button": "Save me a screen",
        "thanks_heading": "Good. See you at the start line.",
        "thanks_text": "We write within one working day to find a time. Bring the shoes you run in.",
        "body": [
            ("steps", head("What happens") | {"steps": [
                {"title": "Warm up", "duration": "5 minutes", "text": "An easy jog and a few words about your week."},
                {"title": "Four measurements", "duration": "10 minutes",
                 "text": "Ankle bend, hip strength, single-leg balance and a short run on film."},
                {"title": "What we saw", "duration": "5 minutes", "text": "In plain words, on one page, yours to keep."},
            ]}),
            ("testimonial", {
                "quote": "I expected a sales talk. I got a page with four numbers and two exercises, and a wave goodbye.",
                "name": "Priya N.", "detail": "Training for her first half marathon", "consented_on": "2026-03-02",
            }),
            ("faq", head("Before you ask") | {"questions": [
                question("Why is it free?", "Because it is the best way to meet runners. Some come back for more. Most "
                         "just tell a friend."),
                question("I am new to running. Is it for me?", "Yes. Bring shoes and curiosity."),
                question("I hurt right now. Should I come?", "A screen is not an examination. Call us first, and we will "
                         "find the right kind of visit or the right person."),
            ]}),
        ],
    }  # fmt: skip
