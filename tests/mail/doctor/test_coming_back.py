from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail.doctor import Verdict
from crm.mail.models import InboundMail
from tests.mail.doctor.conftest import DOMAIN

pytestmark = pytest.mark.django_db
BOTH = "from:to:subject:list-unsubscribe:List-Unsubscribe-Post"


def come_back(*signatures: str, sender=f"hello@{DOMAIN}", is_letter=True, hours_ago=0) -> None:
    lines = [
        *(f"DKIM-Signature: {signature}" for signature in signatures),
        f"From: Harbour Physio <{sender}>",
        *(["List-Unsubscribe: <https://x>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"] if is_letter else []),
        "Subject: Grüße",
        "",
        "Hello.",
    ]
    InboundMail.objects.create(
        sender=sender,
        raw="\r\n".join(lines).encode(),
        fingerprint=str(InboundMail.objects.count()).encode(),
        received_at=timezone.now() - timedelta(hours=hours_ago),
    )


def signed(headers: str = BOTH, by: str = DOMAIN) -> str:
    return f"v=1; a=rsa-sha256;\r\n\td={by}; s=s1;\r\n\th={headers};\r\n\tbh=47DEQ=; b=abc="


def test_it_sees_that_both_headers_are_signed(account, look):
    come_back(signed("from:to", by="sendgrid.info"), signed(BOTH.replace("subject:", "subject:\r\n\t ")))

    assert look("unsubscribe-button").verdict is Verdict.FIT


def test_it_sees_that_one_is_not(account, look):
    come_back(signed("from:list-unsubscribe"))

    assert look("unsubscribe-button").verdict is Verdict.UNSURE
    assert "leaves out list-unsubscribe-post" in look("unsubscribe-button").sentence


@pytest.mark.parametrize("signatures", [[], [signed(by="sendgrid.info")], ["junk"], [signed(by=f"mail.{DOMAIN}")]])
def test_it_sees_that_our_domain_did_not_sign(account, look, signatures):
    come_back(*signatures)

    assert look("unsubscribe-button").verdict is Verdict.UNFIT


def test_it_looks_at_the_latest_letter_of_ours(account, look):
    come_back(signed("from"), hours_ago=2)
    come_back(signed(), hours_ago=1)
    come_back(signed("from"), is_letter=False)
    come_back(signed("from"), sender="somebody@else.ca")

    assert look("unsubscribe-button").verdict is Verdict.FIT


def test_it_waits_for_a_letter_to_come_back(account, look, settings):
    assert look("unsubscribe-button").verdict is Verdict.NOT_NEEDED
    assert look("unsubscribe-button").what_to_do

    settings.SENDGRID_INBOUND_KEY = ""
    assert look("unsubscribe-button").verdict is Verdict.NOT_NEEDED
