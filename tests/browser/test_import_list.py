"""A daily job: a list of partners comes in from a file, seen first, and is taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from partners.models import Partner

LIST = b"Company,City,Cell,Who\nStudio North,Ottawa,613 555 0199,Sam Reyes\nRideau Runners,Ottawa,,\n,Ottawa,,\n"


@pytest.mark.parametrize("width", ["phone", "page"])
def test_it_imports_a_list(live_server, request, owner, practice, log_in, width):
    screen = request.getfixturevalue(width)
    log_in(screen, owner)

    screen.goto("/admin/import/")
    screen.locator("input[type=file]").set_input_files({"name": "list.csv", "mimeType": "text/csv", "buffer": LIST})
    screen.get_by_role("button", name="Look at the file").click()
    screen.get_by_role("button", name="Check all rows").click()
    expect(screen.get_by_text("2 new partners")).to_be_visible()
    screen.get_by_role("button", name="Import 2 rows").click()

    undo = screen.get_by_role("button", name="Undo the whole import")
    expect(undo).to_be_visible()
    assert set(Partner.objects.values_list("name", flat=True)) == {"Studio North", "Rideau Runners"}
    undo.click()
    expect(screen.get_by_text("Undone: 2 removed")).to_be_visible()
    assert not Partner.objects.exists()
    assert screen.complaints == []
