from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from crm.mail.checks import webhook_keys_can_be_read
from crm.mail.doctor import Verdict
from crm.mail.models import Batch, EventReport
from tests.mail.doctor.conftest import DOMAIN, SITE, made_key

pytestmark = pytest.mark.django_db
HOOKS = "/v3/user/webhooks/event/settings/all"
HOSTS = "/v3/user/webhooks/parse/settings"
BAD_KEYS = ["not base64!", "AAAA", made_key(ec.SECP384R1()), ",".join([made_key()] * 3)]


def test_it_reads_a_key(account, look):
    assert look("event-webhook-key").verdict is look("inbound-mail-key").verdict is Verdict.FIT


def test_it_takes_two_keys_while_one_replaces_the_other(account, look, settings):
    settings.SENDGRID_WEBHOOK_KEY = f"{made_key()}, {settings.SENDGRID_WEBHOOK_KEY}"

    assert look("event-webhook-key").verdict is look("event-webhook").verdict is Verdict.FIT
    assert "old one" in look("event-webhook-key").what_to_do


@pytest.mark.parametrize("key", BAD_KEYS)
def test_it_sees_what_is_no_key(account, look, settings, key):
    settings.SENDGRID_WEBHOOK_KEY = settings.SENDGRID_INBOUND_KEY = key

    assert look("event-webhook-key").verdict is look("inbound-mail-key").verdict is Verdict.UNFIT
    assert "SENDGRID_WEBHOOK_KEY" in look("event-webhook-key").sentence


@pytest.mark.parametrize("key", BAD_KEYS)
def test_nothing_starts_with_what_is_no_key(settings, key):
    settings.SENDGRID_WEBHOOK_KEY, settings.SENDGRID_INBOUND_KEY = key, made_key()
    assert [problem.id for problem in webhook_keys_can_be_read(None)] == ["rapport.E011"]

    settings.SENDGRID_WEBHOOK_KEY, settings.SENDGRID_INBOUND_KEY = "", key
    assert [problem.id for problem in webhook_keys_can_be_read(None)] == ["rapport.E012"]


def test_it_starts_with_good_keys_and_with_none(settings):
    settings.SENDGRID_WEBHOOK_KEY, settings.SENDGRID_INBOUND_KEY = f"{made_key()},{made_key()}", ""

    assert webhook_keys_can_be_read(None) == []


def test_it_asks_for_a_key(account, look, settings):
    settings.SENDGRID_WEBHOOK_KEY = settings.SENDGRID_INBOUND_KEY = settings.INBOUND_HOST = ""

    assert look("event-webhook-key").verdict is Verdict.UNFIT
    assert look("inbound-mail-key").verdict is look("inbound-mail").verdict is Verdict.NOT_NEEDED


def test_it_knows_the_webhook(account, look):
    assert (look("event-webhook").verdict, look("event-webhook").sentence) == (
        Verdict.FIT,
        f"SendGrid reports to {SITE}/mail/events/, signed.",
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"enabled": False}, "it is switched off"),
        ({"public_key": ""}, "its posts are not signed"),
        ({"public_key": made_key()}, "its key is not the one"),
        ({"public_key": "junk"}, "its key is not the one"),
        ({"bounce": False, "spam_report": False}, "it leaves out Bounced, Spam reports"),
    ],
)
def test_it_sees_what_is_wrong_with_the_webhook(account, look, change, said):
    account.account[HOOKS]["webhooks"][0].update(change)

    assert look("event-webhook").verdict is Verdict.UNFIT
    assert said in look("event-webhook").sentence


@pytest.mark.parametrize("hooks", [[], [{}], [{"url": "https://old.example.net/mail/events/", "enabled": True}]])
def test_it_misses_the_webhook(account, look, hooks):
    account.account[HOOKS]["webhooks"] = hooks

    assert look("event-webhook").verdict is Verdict.UNFIT
    assert f"{SITE}/mail/events/" in look("event-webhook").sentence


def test_it_knows_where_mail_comes_in(account, look):
    assert look("inbound-mail").sentence == f"Mail to in.{DOMAIN} comes in here."


def test_it_misses_the_host_for_mail(account, look):
    account.account[HOSTS]["result"] = []
    assert look("inbound-mail").verdict is Verdict.UNFIT


def test_it_wants_mail_whole(account, look):
    account.account[HOSTS]["result"][0]["send_raw"] = False

    assert look("inbound-mail").verdict is Verdict.UNFIT
    assert "raw" in look("inbound-mail").what_to_do


def test_it_wants_mail_to_be_led_to_sendgrid(account, look, dns):
    dns.records[f"in.{DOMAIN}", "MX"] = ["10 mail.example.net."]

    assert look("inbound-mail").verdict is Verdict.UNFIT
    assert "mx.sendgrid.net" in look("inbound-mail").what_to_do


@pytest.mark.parametrize(("policy", "verdict"), [(None, Verdict.UNFIT), ("dd677638-a16d", Verdict.FIT)])
def test_it_wants_mail_that_comes_in_signed(account, look, policy, verdict):
    account.account[HOSTS]["result"][0]["security_policy"] = policy

    assert look("inbound-mail").verdict is verdict


def hours_ago(hours: float):
    return timezone.now() - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("sent", "heard", "verdict"),
    [
        (None, None, Verdict.NOT_NEEDED),
        (0.5, None, Verdict.NOT_NEEDED),
        (2, None, Verdict.UNFIT),
        (2, 3, Verdict.UNFIT),
        (2, 1.9, Verdict.FIT),
        (None, 30, Verdict.FIT),
    ],
)
def test_it_waits_for_reports_of_what_was_sent(account, look, sent, heard, verdict):
    if sent:
        at = hours_ago(sent)
        Batch.objects.create(
            transport="sendgrid",
            size=1,
            worker="w",
            claimed_at=at,
            lease_until=at,
            posting_at=at,
            answered_at=at,
            outcome=Batch.Outcome.ACCEPTED,
        )
    if heard:
        EventReport.objects.create(received_at=hours_ago(heard), size=1)

    assert look("last-report").verdict is verdict


def test_it_sees_that_nobody_would_hear_an_unsubscribe_by_mail(account, look, settings):
    settings.SENDGRID_INBOUND_KEY = ""

    assert look("inbound-mail-key").verdict is Verdict.UNFIT
    assert "nobody hears it" in look("inbound-mail-key").sentence


def test_it_sees_that_letters_name_another_host(account, look, settings):
    settings.INBOUND_HOST = f"mail.{DOMAIN}"

    assert look("inbound-mail").verdict is Verdict.UNFIT
    assert f"mail to in.{DOMAIN}" in look("inbound-mail").sentence


def test_it_advises_to_offer_an_unsubscribe_by_mail(account, look, settings):
    settings.INBOUND_HOST = ""

    assert look("inbound-mail").verdict is Verdict.FIT
    assert f"INBOUND_HOST=in.{DOMAIN}" in look("inbound-mail").what_to_do


def test_it_finds_its_host_among_several(account, look):
    account.account[HOSTS]["result"].insert(0, {"url": f"{SITE}/mail/inbound/", "hostname": "z.example.net"})

    assert look("inbound-mail").verdict is Verdict.FIT
