"""A daily job: two records of one partner are found, compared, merged, and the merge undone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from crm.people.models import Contact
from partners.actions import log_touch
from partners.models import Partner, Touch


@pytest.mark.parametrize("width", ["phone", "page"])
def test_it_merges_two(live_server, request, owner, quiet_gym, log_in, width):
    screen = request.getfixturevalue(width)
    twin = Partner.objects.create(name="Iron Works Gym", email="hello@ironworks.example")
    log_touch(twin, kind=Touch.TouchKind.CALL, summary="Asked about the clinic", by=owner)
    log_in(screen, owner)

    screen.goto("/admin/partners/same/")
    screen.get_by_role("link", name="Compare and merge Ironworks Gym and Iron Works Gym").click()
    if screen.get_by_role("button", name="Merge into Iron Works Gym").count():
        screen.get_by_role("link", name="Keep the other one instead").click()
    screen.get_by_role("group", name="Name").get_by_label(re.compile("^Iron Works Gym")).check()
    screen.get_by_role("button", name="Merge into Ironworks Gym").click()

    expect(screen.get_by_role("heading", level=1)).to_have_text("Iron Works Gym")
    expect(screen.get_by_text("Asked about the clinic").first).to_be_visible()
    expect(screen.get_by_text("is merged into")).to_be_visible()
    screen.get_by_role("button", name="Undo").first.click()
    expect(screen.get_by_text("are two again")).to_be_visible()
    assert Partner.objects.current().count() == 2
    assert screen.complaints == []


@pytest.mark.parametrize("width", ["phone", "page"])
def test_it_merges_two_with_the_keyboard_alone(live_server, request, owner, quiet_gym, log_in, width):
    """From the page of the one to the button that merges: Tab, arrows and Enter."""
    screen = request.getfixturevalue(width)
    twin = Partner.objects.create(name="Iron Works Gym", email="hello@ironworks.example")
    log_in(screen, owner)

    screen.goto(f"/admin/partners/merge/{quiet_gym.pk}/{twin.pk}/")
    name = screen.locator("input[name=name]:checked")
    name.focus()
    screen.keyboard.press("ArrowDown")
    for _ in range(12):
        screen.keyboard.press("Tab")
        if screen.evaluate("document.activeElement.matches('.merge button')"):
            break
    screen.keyboard.press("Enter")

    expect(screen.get_by_role("heading", level=1)).to_have_text("Iron Works Gym")
    assert Partner.objects.current().count() == 1


@pytest.mark.parametrize("width", ["phone", "page"])
def test_it_merges_two_contacts_of_one_person(live_server, request, owner, physician, log_in, width):
    screen = request.getfixturevalue(width)
    contact = physician.roles.get().contact
    Contact.objects.create(name="Ada Okafor", email="ada@mail.example")
    log_in(screen, owner)

    screen.goto("/admin/people/same/")
    screen.get_by_role("link", name=re.compile("^Compare and merge")).click()
    screen.get_by_role("button", name="Merge into Dr. Ada Okafor").click()

    expect(screen.get_by_text("is merged into")).to_be_visible()
    assert Contact.objects.known_by("ada@mail.example") == contact
    screen.get_by_role("button", name="Undo").first.click()
    expect(screen.get_by_text("are two again")).to_be_visible()
    assert Contact.objects.active().count() == 2
    assert screen.complaints == []
