import pytest

from crm.mail.doctor import Verdict
from crm.mail.models import Message
from tests.fakes.sendgrid import Rule
from tests.mail.doctor.conftest import DOMAIN

pytestmark = pytest.mark.django_db


def test_it_knows_a_key_that_may_send(account, look):
    assert (look("api-key").verdict, look("api-key").what_to_do) == (Verdict.FIT, "")


def test_it_knows_a_key_that_may_not(account, look):
    account.account["/v3/scopes"] = {"scopes": ["stats.read"]}

    assert look("api-key").verdict is Verdict.UNFIT
    assert "Mail Send" in look("api-key").what_to_do


def test_it_advises_against_a_key_that_may_do_everything(account, look):
    account.account["/v3/scopes"] = {"scopes": ["mail.send", "api_keys.create"]}

    assert look("api-key").verdict is Verdict.FIT
    assert "less harm" in look("api-key").what_to_do


def test_it_knows_a_domain_that_is_not_verified_yet(account, look):
    entry = account.account["/v3/whitelabel/domains"][0]
    entry["valid"] = entry["dns"]["dkim1"]["valid"] = False

    found = look("sender-at-sendgrid")
    assert found.verdict is Verdict.UNFIT
    assert f"(s1._domainkey.{DOMAIN})" in found.what_to_do


@pytest.mark.parametrize(
    ("senders", "verdict", "said"),
    [
        ([{"from_email": f"Hello@{DOMAIN}", "verified": True}], Verdict.FIT, "not yet for its whole domain"),
        ([{"from_email": f"hello@{DOMAIN}", "verified": False}], Verdict.UNFIT, "not verified yet"),
        ([{"from_email": f"other@{DOMAIN}", "verified": True}], Verdict.UNFIT, "may not send for"),
        ([], Verdict.UNFIT, "may not send for"),
    ],
)
def test_it_knows_an_address_that_stands_alone(account, look, senders, verdict, said):
    account.account["/v3/whitelabel/domains"] = [{"domain": "elsewhere.ca", "valid": True, "dns": {}}]
    account.account["/v3/verified_senders"] = {"results": senders}

    found = look("sender-at-sendgrid")
    assert found.verdict is verdict
    assert said in found.sentence
    assert found.what_to_do


def test_it_sees_that_readers_are_followed(account, look):
    account.account["/v3/tracking_settings"]["result"].append(
        {"name": "click", "title": "Click Tracking", "enabled": True}
    )

    assert look("tracking").verdict is Verdict.UNFIT
    assert "Click Tracking" in look("tracking").sentence


def test_it_posts_a_whole_letter_that_is_thrown_away(account, look):
    assert look("trial-letter").verdict is Verdict.FIT

    (posted,) = account.looked_at
    assert posted["mail_settings"] == {"sandbox_mode": {"enable": True}}
    assert posted["from"]["email"] == f"hello@{DOMAIN}"
    (reader,) = posted["personalizations"]
    assert reader["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "you" in reader["substitutions"].values()
    assert [part["type"] for part in posted["content"]] == ["text/plain", "text/html"]
    assert not Message.objects.exists()
    assert not account.accepted


@pytest.mark.parametrize(
    ("status", "words", "verdict"),
    [
        (400, "Does not contain a valid address.", Verdict.UNFIT),
        (429, "too many requests", Verdict.UNSURE),
        (500, "Internal error", Verdict.UNSURE),
    ],
)
def test_it_understands_what_becomes_of_the_trial_letter(account, look, status, words, verdict):
    account.script(Rule(status=status, message=words))

    assert look("trial-letter").verdict is verdict
    assert words.rstrip(".") in look("trial-letter").sentence


def test_it_hears_that_sendgrid_does_not_believe_the_sender(account, look):
    account.senders = {"elsewhere.ca"}

    assert look("trial-letter").verdict is Verdict.UNFIT
    assert "does not match a verified Sender Identity" in look("trial-letter").sentence
