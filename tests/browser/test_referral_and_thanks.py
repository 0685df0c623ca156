"""Record a referral and thank for it, with a thumb and with a keyboard; and the partner's own page without a script."""

from __future__ import annotations

import pytest

from crm.people.models import Contact, PracticeProfile
from partners.models import Kind, Partner, Referral, Role, Stage, Touch
from tests.browser.fitness import findings

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def gym(transactional_db) -> Partner:
    practice = PracticeProfile.load()
    practice.name, practice.phone, practice.email = "Harbour Physio", "613 555 0100", "hello@harbour.example.com"
    practice.save()
    gym = Partner.objects.create(name="Ironworks Gym", kind=Kind.GYM, stage=Stage.GIVING_VALUE)
    coach = Contact.objects.create(name="Mike Boyle", email="mike@ironworks.example.com")
    Role.objects.create(partner=gym, contact=coach, title="Head coach", is_primary=True)
    return gym


def small_targets(page, root: str) -> list[str]:
    """What a thumb would miss: links inside of sentences are let off, as WCAG does."""
    return page.evaluate(
        """root => [...document.querySelectorAll(`${root} :is(button, summary, input:not([type=hidden]), select, textarea, a.tap, a.btn)`)]
            .filter((each) => each.offsetParent && each.getBoundingClientRect().left >= 0)
            .filter((each) => each.getBoundingClientRect().height < 44)
            .map((each) => each.outerHTML.slice(0, 80))""",
        root,
    )


@pytest.mark.parametrize("width", ["phone", "page"])
def test_it_records_a_referral_and_thanks(live_server, request, owner, gym, log_in, width):
    """Six taps: came in, who, thank, send; the last two of them on the way."""
    screen = request.getfixturevalue(width)
    log_in(screen, owner)
    screen.goto(gym.get_absolute_url())

    screen.get_by_role("region", name="Log with one tap").get_by_role("button", name="Referral came in").click()
    screen.get_by_text("They are at First referral now.").wait_for()
    assert width == "page" or small_targets(screen, ".messages") == []
    referral = Referral.objects.get()
    screen.get_by_role("button", name=f"Mike Boyle sent {referral}").click()
    screen.get_by_text(f"Mike Boyle sent {referral}.").wait_for()
    assert small_targets(screen, "section[aria-labelledby=referrals]") == []

    screen.get_by_role("link", name=f"Thank for {referral}").click()
    screen.get_by_label("Your words").wait_for()
    assert findings(screen, RULES, "main") == []
    assert screen.evaluate("document.documentElement.scrollWidth") == screen.viewport_size["width"]
    words = screen.get_by_label("Your words")
    words.fill(words.input_value().replace("Hello Mike,", "Dear Mike,"))
    screen.get_by_role("button", name="Send it from here").click()
    screen.get_by_text("leave in two minutes").wait_for()

    referral.refresh_from_db()
    assert (referral.thanked_at is not None, Touch.objects.filter(kind="thanks").count()) == (True, 1)
    screen.get_by_role("button", name="Undo").click()
    screen.get_by_text("is owed again.").wait_for()
    assert screen.complaints == []


@pytest.mark.parametrize("width", ["phone", "page"])
def test_its_draft_greets_who_is_chosen(live_server, request, owner, gym, log_in, width):
    screen = request.getfixturevalue(width)
    desk = Contact.objects.create(name="Noor Haddad", email="noor@ironworks.example.com")
    Role.objects.create(partner=gym, contact=desk, title="Front desk")
    log_in(screen, owner)
    screen.goto(f"/admin/referrals/{Referral.objects.create(partner=gym).pk}/thank-you/")
    to, words = screen.get_by_label("To", exact=True), screen.get_by_label("Your words")
    rest = words.input_value().removeprefix("Hello Mike,")

    to.select_option(str(desk.pk))
    assert words.input_value() == f"Hello Noor,{rest}"
    words.fill(f"Dear Noor,{rest}")
    to.select_option(label="Mike Boyle <mike@ironworks.example.com>")
    assert words.input_value() == f"Dear Noor,{rest}"
    assert screen.complaints == []


@pytest.mark.parametrize("width", ["phone", "page"])
def test_it_walks_a_referral_to_its_end(live_server, request, owner, gym, log_in, width):
    screen = request.getfixturevalue(width)
    referral = Referral.objects.create(partner=gym)
    log_in(screen, owner)
    screen.goto("/admin/referrals/under-way/")

    for label in ("Contacted", "Scheduled"):
        screen.get_by_role("button", name=f"{referral}: {label}").click()
        screen.get_by_text(f"{referral} of Ironworks Gym: {label.lower()}.").wait_for()
    screen.reload()  # a message fades in, and half faded it is pale
    assert findings(screen, RULES, "main") == []
    screen.get_by_label(f"Other steps of {referral}").click()
    screen.get_by_role("button", name="The price").click()
    screen.get_by_text("lost (the price).").wait_for()
    screen.get_by_role("button", name="Undo").click()
    screen.get_by_text("is scheduled again.").wait_for()

    referral.refresh_from_db()
    assert (referral.state, referral.lost_reason, referral.ended_at) == ("scheduled", "", None)
    assert screen.complaints == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 900)])
def test_its_public_page_works_without_a_script(live_server, browser, gym, width, height):
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": width, "height": height}
    )
    page = context.new_page()
    page.goto(f"/refer/{gym.code}/")
    page.get_by_label("Your own first name").fill("Mike")
    page.wait_for_timeout(2100)  # nobody reads faster, and the form knows it
    page.get_by_role("button", name="I have sent somebody").click()
    page.get_by_role("heading", name="Thank you for thinking of us.").wait_for()
    context.close()

    referral = Referral.objects.get()
    assert (referral.sender, referral.is_quarantined, referral.channel) == ("Mike", False, "page")


@pytest.mark.parametrize("width", ["phone", "page"])
def test_its_public_page_is_fit_for_everybody(live_server, request, gym, width):
    screen = request.getfixturevalue(width)
    for ending in ("", "thanks/"):
        screen.goto(f"/refer/{gym.code}/{ending}")
        screen.wait_for_load_state("networkidle")
        assert findings(screen, RULES) == []
        assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth")

    screen.goto(f"/refer/{gym.code}/")
    assert small_targets(screen, "main") == []
    screen.get_by_label("Your own first name").fill("Jane Doe has knee pain")
    screen.get_by_role("button", name="I have sent somebody").click()
    screen.get_by_text("Nothing you typed is lost.").wait_for()
    assert screen.title().startswith("Error: ")
    assert findings(screen, RULES) == []
    assert [line for line in screen.complaints if "422" not in line] == []


def test_its_card_fits_its_paper(live_server, page, owner, gym, log_in):
    log_in(page, owner)
    for size, width, height in (("a6", 105, 148), ("a5", 148, 210)):
        page.goto(f"/admin/partners/{gym.pk}/card/?size={size}")
        assert findings(page, RULES) == []
        page.emulate_media(media="print")
        millimetres = page.locator(".paper").bounding_box()["height"] / 96 * 25.4
        page.emulate_media(media="screen")
        assert abs(millimetres - height) < 1
        for paper in ({"format": "A4"}, {"format": "Letter"}, {"width": f"{width}mm", "height": f"{height}mm"}):
            page.emulate_media(media="print")
            assert page.pdf(**paper).count(b"/Type /Page\n") == 1
            page.emulate_media(media="screen")
    assert page.complaints == []
