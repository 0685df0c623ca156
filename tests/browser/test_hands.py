"""The tally behind the table of daily jobs: real taps and keys only, across page loads, and the seconds they cost."""

import pytest

from tests.daily_jobs.hands import Hands, estimate, watch


def test_it_counts_real_taps_and_keys_across_pages(live_server, page):
    watch(page.context)
    page.goto("/admin/login/")
    hands = Hands(page, is_phone=False)
    page.locator("input[type=password]").click()
    page.keyboard.type("abc")
    page.goto("/admin/login/?next=/admin/log/")
    page.evaluate("document.querySelector('input[type=password]').dispatchEvent(new PointerEvent('pointerdown'))")
    page.locator("input[type=password]").click()

    assert (hands.effort().taps, hands.effort().keys) == (2, 3)


@pytest.mark.parametrize(
    ("tally", "is_phone", "seconds"),
    [("", False, 0), ("p", True, 2.45), ("pkk", True, 3.11), ("pkk", False, 3.41), ("kp", False, 4.48)],
)
def test_it_estimates_by_the_keystroke_level_model(tally, is_phone, seconds):
    assert estimate(tally, waited=0, is_phone=is_phone) == pytest.approx(seconds)
    assert estimate(tally, waited=1.5, is_phone=is_phone) == pytest.approx(seconds + 1.5)
