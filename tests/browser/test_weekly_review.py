"""The weekly fifteen minutes, on a phone and at a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from partners.models import Review


@pytest.mark.parametrize("width", ["phone", "page"])
def test_it_looks_back_and_decides(live_server, request, owner, quiet_gym, log_in, width):
    screen = request.getfixturevalue(width)
    log_in(screen, owner)

    screen.goto("/admin/review/")
    expect(screen.get_by_role("heading", name="Thanked on time")).to_be_visible()
    screen.get_by_label("What will you do differently?").fill("See two gyms before Thursday.")
    screen.get_by_role("button", name="Decide").click()

    expect(screen.get_by_text("That is decided.")).to_be_visible()
    assert Review.objects.get().decision == "See two gyms before Thursday."
    screen.get_by_role("link", name="Week before").click()
    screen.get_by_role("link", name="Week after").click()
    expect(screen.get_by_label("What will you do differently?")).to_have_value("See two gyms before Thursday.")
    assert screen.complaints == []
