"""The office's own pages on a phone: axe finds nothing, nothing overflows, the console is silent."""

from pathlib import Path

import pytest
from django.utils import timezone

from partners.actions import follow_up, log_touch

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


@pytest.mark.parametrize("address", ["/admin/", "/admin/log/", "/admin/partners/", "/admin/partners/inspect/{pk}/"])
def test_it_is_fit_for_everybody(live_server, phone, owner, quiet_gym, log_in, address):
    log_touch(quiet_gym, kind="call", summary="Asked about the clinic", is_give=True, by=owner)
    follow_up(partner=quiet_gym, title="Send the handout", due_on=timezone.localdate(), by=owner)
    log_in(phone, owner)

    phone.goto(address.format(pk=quiet_gym.pk))
    phone.evaluate(AXE)
    found = phone.evaluate("rules => axe.run(document.querySelector('main'), {runOnly: rules})", RULES)

    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert phone.complaints == []
