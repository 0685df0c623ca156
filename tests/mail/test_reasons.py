import pytest

from crm.mail import reasons
from crm.mail.reasons import explain


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("550 5.1.1 The email account that you tried to reach does not exist.", reasons.NO_SUCH_PERSON),
        ("550 no such user here", reasons.NO_SUCH_PERSON),
        ("550 Requested action not taken: mailbox unavailable", reasons.NO_SUCH_PERSON),
        ("550 5.4.4 Invalid domain", reasons.NO_SUCH_DOMAIN),
        ("550 mailbox full", reasons.MAILBOX_FULL),
        ("452 4.2.2 The email account that you tried to reach is over quota.", reasons.MAILBOX_FULL),
        ("552 5.3.4 Message size exceeds fixed limit", reasons.TOO_LARGE),
        ("550 5.7.26 Unauthenticated email from example.com is not accepted", reasons.NOT_TRUSTED),
        ("550 5.7.515 Access denied", reasons.NOT_TRUSTED),
        ("554 5.7.1 Service unavailable; client host blocked using zen.spamhaus.org", reasons.LISTED),
        ("554 5.7.1 Message rejected as spam by content scanning", reasons.LOOKS_LIKE_SPAM),
        ("421 4.7.28 our system has detected an unusual rate", reasons.TOO_MANY),
        ("450 4.2.0 Recipient address rejected: Greylisted, see help", reasons.TOO_MANY),
        ("554 5.7.1 Relay access denied", reasons.RELAY),
        ("Bounced Address", reasons.ON_BOUNCE_LIST),
        ("Spam Reporting Address", reasons.ON_SPAM_LIST),
        ("Unsubscribed Address", reasons.ON_OPT_OUT_LIST),
        ("Invalid", reasons.INVALID),
        ("unable to get mx info: failed to get IPs from PTR record: lookup example: unrecognized address", reasons.EXPIRED),
        ("451 something of their own", reasons.NOT_NOW),
        ("550 something of their own", reasons.POLICY),
        ("", None),
        ("who knows", None),
    ],
)  # fmt: skip
def test_it_knows_what_a_refusal_means(words, cause):
    assert explain(words) == cause


def test_it_always_says_what_to_do():
    causes = [cause for cause in vars(reasons).values() if isinstance(cause, reasons.Explanation)]

    assert len(causes) > 15
    assert all(cause.means.endswith(".") and cause.do.endswith(".") for cause in causes)
