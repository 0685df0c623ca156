"""The office's own pages on a phone: as at a desk, and the button that logs a touch covers nothing."""

from tests.browser.test_office_axe import PAGES, problems_of, records

__all__ = ["records"]  # the same fixture as at a desk

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


def test_it_is_fit_for_everybody_on_a_phone(live_server, phone, owner, records, log_in):
    log_in(phone, owner)
    found = {}
    for address in PAGES:
        phone.goto(address.format(**records))
        found[address] = problems_of(phone)
        if "{" not in address and address != "/admin/nowhere/":
            found[address] += [f"beneath the button: {html}" for html in phone.evaluate(OVERLAP)]

    assert {address: problems for address, problems in found.items() if problems} == {}
    assert [line for line in phone.complaints if "404" not in line] == []
