"""The office's own pages: axe finds nothing, nothing overflows, the console is silent, at a desk and on a phone.

On a phone, the button that logs a touch covers nothing either.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Audience, Broadcast, Letter
from crm.mail.actions import queue
from crm.mail.models import Content, Message, MessageClass
from crm.mail.receiving import keep
from crm.people.models import Contact
from partners.actions import begin_plan, follow_up, give, log_touch, plan_outing
from partners.actions.outings import Person
from partners.imports import actions as imports
from partners.models import Gift, GiftLimit, Partner, Plan, Script
from tests.browser.fitness import violations
from tests.browser.screens import DESK, PHONE
from tests.mail.arriving import mail
from tests.mail.happenings import put, report
from workshops.actions import prepare, register
from workshops.models import Topic, Workshop

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
LIST = b"Company,City,Who\nStudio North,Ottawa,Sam Reyes\nIronworks Gym,Ottawa,\n,Ottawa,\n"
PAGES = [
    "/admin/",
    "/admin/log/",
    "/admin/log/?line=coffee with Jess at Ironworks on 12/11 before Christmas, call tomorrow",
    "/admin/log/by-mail/",
    "/admin/partners/",
    "/admin/partners/?layout=board",
    "/admin/partners/?layout=list",
    "/admin/partners/{partner}/stages/",
    "/admin/partners/bulk/?deed=stage&id={partner}",
    "/admin/partners/bulk/?deed=tier&id={partner}",
    "/admin/partners/new/",
    "/admin/partners/inspect/{partner}/",
    "/admin/partners/edit/{partner}/",
    "/admin/partners/{partner}/brief/",
    "/admin/partners/{partner}/card/",
    "/admin/partners/history/{partner}/",
    "/admin/partners/{partner}/merge/",
    "/admin/partners/same/",
    "/admin/partners/merge/{partner}/{twin}/",
    "/admin/partners/merges/",
    "/admin/people/same/",
    "/admin/people/{contact}/merge/",
    "/admin/people/merge/{contact}/{double}/",
    "/admin/people/merges/",
    "/admin/review/",
    "/admin/review/quarter/",
    "/admin/review/report/",
    "/admin/outings/",
    "/admin/outings/new/",
    "/admin/outings/{outing}/",
    "/admin/outings/{outing}/change/",
    "/admin/todos/",
    "/admin/todos/{todo}/",
    "/admin/todos/new/",
    "/admin/todos/edit/{todo}/",
    "/admin/todos/history/{todo}/",
    "/admin/plans/",
    "/admin/plans/edit/{plan}/",
    "/admin/plans/new/",
    "/admin/plans/history/{plan}/",
    "/admin/partners/{partner}/plans/{plan}/",
    "/admin/account/",
    "/admin/touches/",
    "/admin/touches/edit/{touch}/",
    "/admin/touches/history/{touch}/",
    "/admin/keeping-up/",
    "/admin/settings/partners/cadencepolicy/1/",
    "/admin/referrals/",
    "/admin/referrals/new/",
    "/admin/referrals/under-way/",
    "/admin/referrals/inspect/{referral}/",
    "/admin/referrals/edit/{referral}/",
    "/admin/referrals/history/{referral}/",
    "/admin/referrals/{referral}/thank-you/",
    "/admin/gifts/",
    "/admin/gifts/new/",
    "/admin/gifts/inspect/{gift}/",
    "/admin/gifts/history/{gift}/",
    "/admin/gift_limits/",
    "/admin/gift_limits/new/",
    "/admin/gift_limits/edit/{limit}/",
    "/admin/gift_limits/history/{limit}/",
    "/admin/scripts/",
    "/admin/scripts/inspect/{script}/",
    "/admin/scripts/edit/{script}/",
    "/admin/scripts/new/",
    "/admin/scripts/history/{script}/",
    "/admin/contacts/",
    "/admin/contacts/edit/{contact}/",
    "/admin/consent/{contact}/",
    "/admin/import/",
    "/admin/import/{file}/columns/",
    "/admin/import/{checked}/",
    "/admin/workshops/",
    "/admin/workshops/new/",
    "/admin/workshops/inspect/{workshop}/",
    "/admin/workshops/inspect/{held}/",
    "/admin/workshops/brought/?by=partner",
    "/admin/workshops/brought/",
    "/admin/workshops/edit/{workshop}/",
    "/admin/workshops/copy/{workshop}/",
    "/admin/workshops/history/{workshop}/",
    "/admin/workshops/cancel/{workshop}/",
    "/admin/workshops/cancel-registration/{seat}/",
    "/admin/workshops/delete/{workshop}/",
    "/admin/workshops/{workshop}/door/",
    "/admin/workshops/{workshop}/door/sheet/",
    "/admin/workshops/{workshop}/door/host/",
    "/admin/workshops/year/",
    "/admin/workshops/propose/{partner}/",
    "/admin/workshops/propose-after/{held}/",
    "/admin/workshops/debrief/{held}/",
    "/admin/topics/",
    "/admin/topics/new/",
    "/admin/topics/edit/{topic}/",
    "/admin/topics/history/{topic}/",
    "/admin/topics/inspect/{topic}/",
    "/admin/workshop-calendars/",
    "/admin/workshop-calendars/partner/{partner}/",
    "/admin/workshops/links/{workshop}/?q=o",
    "/admin/workshops/kit/{workshop}/",
    "/admin/workshops/kit/{workshop}/flyer/",
    "/admin/workshops/host-letter/{workshop}/count/",
    "/admin/registrations/",
    "/admin/registrations/{seat}/erase/",
    "/admin/registrations/to-check/",
    "/admin/contacts/erase/{contact}/",
    "/admin/campaigns/broadcasts/",
    "/admin/campaigns/broadcasts/new/",
    "/admin/campaigns/broadcasts/inspect/{broadcast}/",
    "/admin/campaigns/letters/",
    "/admin/campaigns/audiences/",
    "/admin/campaigns/audiences/new/",
    "/admin/outbox/",
    "/admin/inbox/",
    "/admin/inbox/inspect/{inbound}/",
    "/admin/outbox/inspect/{message}/",
    "/admin/needs-you/",
    "/admin/sending-health/",
    "/admin/suppressions/",
    "/admin/leads/",
    "/admin/changes/",
    "/admin/doctor/",
    "/admin/nowhere/",
]


@pytest.fixture
def records(quiet_gym, physician, owner) -> dict[str, object]:
    """One of everything, so that no page is empty."""
    touch = log_touch(quiet_gym, kind="call", summary="Asked about the clinic", is_give=True, by=owner)
    todo = follow_up(partner=quiet_gym, title="Send the handout", due_on=timezone.localdate(), by=owner)
    plan = Plan.objects.get(trigger="first_referral")
    begin_plan(plan, partner=quiet_gym, from_day=timezone.localdate(), key="axe", by=owner)
    contact = physician.roles.get().contact
    start = timezone.now() + timedelta(days=3)
    workshop = Workshop.objects.create(
        title="Knees that last",
        slug="knees",
        host=quiet_gym,
        place="Main hall",
        capacity=8,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        state="open",
    )
    prepare(workshop, by=owner)
    held = Workshop.objects.create(
        title="Backs",
        slug="backs",
        host=quiet_gym,
        place="Main hall",
        starts_at=start - timedelta(days=20),
        ends_at=start - timedelta(days=19, hours=23),
        state="held",
    )
    seat = register(workshop, name="Ruth Adeyemi-Castellanos", email="ruth@mail.example", is_hosts=True)
    register(workshop, name="Win https://spam.example", email="x@mail.example", doubt="The name holds a web address.")
    letter = Letter.objects.create(name="Autumn news", subject="News")
    audience = Audience.objects.create(name="All gyms")
    broadcast = Broadcast.objects.create(letter=letter, audience=audience, state="missed", send_at=timezone.now())
    twin = Partner.objects.create(name="Ironworks Gym", email="hello@ironworks.example")
    people = [Person("Sam Reyes", "Runs the club"), Person("Ada")]
    outing = plan_outing(name="Open day", on=timezone.localdate(), people=people, by=owner)
    year = GiftLimit.objects.order_by("pk").first()
    file = imports.start(LIST, filename="list.csv", by=owner)
    checked = imports.preview(imports.start(LIST, filename="other.csv", by=owner))
    return {
        "limit": year.pk,
        "file": file.pk,
        "checked": checked.pk,
        "twin": twin.pk,
        "outing": outing.pk,
        "partner": quiet_gym.pk,
        "touch": touch.pk,
        "gift": fruit(physician, owner).pk,
        "script": Script.objects.get(group="dpc", stage="active").pk,
        "todo": todo.pk,
        "plan": plan.pk,
        "contact": contact.pk,
        "double": Contact.objects.create(name=contact.name, email="twice@mail.example").pk,
        "workshop": workshop.pk,
        "held": held.pk,
        "seat": seat.pk,
        "topic": Topic.objects.first().pk,
        "broadcast": broadcast.pk,
        "inbound": keep({"email": mail("Could you call me about the clinic?", subject="The clinic")}).pk,
        "message": bounced_message(contact).pk,
        "referral": physician.referrals.get().pk,
    }


def fruit(practice, owner) -> Gift:
    day = timezone.localdate()
    return give(
        partner=practice, recipient="licensed", what="Fruit", purpose="Thanks", value_cents=900, given_on=day, by=owner
    )


def bounced_message(contact: Contact) -> Message:
    """A confirmation that came back, so that somebody has to decide."""
    content = Content.objects.create(subject="Your seat", text="Hello", html="<p lang='en'>Hello</p>")
    message = queue(contact, message_class=MessageClass.TRANSACTIONAL, dedupe_key="seat", content=content)
    put(message, Message.State.HANDED_OVER)
    report(message, Message.Fate.BOUNCED, "550 5.1.1 unknown")
    return message


PAST = "[...document.querySelectorAll('main td')].filter(cell => cell.getBoundingClientRect().right > innerWidth)"
OVERLAP = """() => {
    const main = document.querySelector("main");
    main.scrollTo({top: main.scrollHeight, behavior: "instant"});
    const button = document.querySelector(".log-anywhere");
    const here = button?.getBoundingClientRect();
    const hasItsOwnBar = location.pathname.startsWith("/admin/log/") || document.querySelector("footer.footer .footer__container");
    if (!here?.width) return hasItsOwnBar ? [] : ["no button"];
    return [...document.querySelectorAll("main :is(a, button, input, select, textarea)")]
        .filter((each) => each.offsetParent && getComputedStyle(each).position !== "fixed")
        .map((each) => [each, each.getBoundingClientRect()])
        .filter(([each, box]) => box.width && box.left < here.right && box.right > here.left && box.top < here.bottom && box.bottom > here.top)
        .map(([each]) => each.outerHTML.slice(0, 100));
}"""


def problems_of(screen, width: int) -> list[str]:
    """What axe finds on the page that is open, and what hangs over its edge."""
    problems = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in violations(screen, RULES, "main")]
    if screen.evaluate("document.documentElement.scrollWidth") != width:
        problems.append("it is wider than the screen")
    past = screen.evaluate(f"{PAST}.map(cell => cell.textContent.trim())")
    return problems + [f"past the edge: {words}" for words in past]


def beneath_the_button(address: str, screen) -> list[str]:
    if "{" in address or address == "/admin/nowhere/":
        return []
    return [f"beneath the button: {html}" for html in screen.evaluate(OVERLAP)]


# One test for all pages and both screens: one for each would spend most of its time at the start.
def test_it_is_fit_for_everybody_at_a_desk_and_on_a_phone(live_server, page, owner, records, log_in, turn_to):
    log_in(page, owner)
    found = {}
    for address in PAGES:
        turn_to(DESK)
        page.goto(address.format(**records))
        found[address, "desk"] = problems_of(page, DESK["width"])
        turn_to(PHONE)
        found[address, "phone"] = problems_of(page, PHONE["width"]) + beneath_the_button(address, page)

    assert {place: problems for place, problems in found.items() if problems} == {}
    assert [line for line in page.complaints if "404" not in line] == []
