import io

import pytest
from django.core.management import call_command

from crm.office import health

pytestmark = pytest.mark.django_db


def test_the_handbooks_last_step_is_green(account, monkeypatch):
    well = {"ok": True, "database": "well", "worker": "well", "outbox": "well"}
    monkeypatch.setattr(health, "examine", lambda: well)
    said = io.StringIO()

    call_command("doctor", stdout=said, no_color=True)

    verdicts = {line[:12].strip() for line in said.getvalue().splitlines() if line[:1].strip()}
    assert said.getvalue().endswith("\n\nThis installation is fit to send.\n")
    assert verdicts == {"fit", "not needed", "This install"}
