"""A copy of a mail becomes a touch: of whom it went to, once, and with nothing of what was written."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.mail.inbound import look_through
from crm.mail.models import InboundMail
from crm.mail.receiving import keep
from crm.people.models import Contact
from partners import mail_log
from partners.actions import take_back
from partners.models import Partner, Role, Touch
from tests.mail.arriving import mail

pytestmark = pytest.mark.django_db
State = InboundMail.State

FORWARDED = """Keep me posted.

---------- Forwarded message ---------
From: Ada Okafor <ada@okafor.example.com>
Date: {day}
Subject: The talk
To: <owner@example.com>
Cc: Somebody <else@example.com>

Dear all, my knee hurts.
"""
OUTLOOK = "\r\n\r\n-----Original Message-----\r\nFrom: Ada Okafor [mailto:ada@okafor.example.com]\r\nSent: Friday\r\nTo: me\r\n"
APPLE = "\n\nBegin forwarded message:\n\n> From: Ada <ada@okafor.example.com>\n> Subject: x\n> To: owner@example.com\n"


@pytest.fixture(autouse=True)
def _mail_comes_in(settings):
    settings.INBOUND_HOST = "in.example.com"


@pytest.fixture
def address(owner) -> str:
    mail_log.renew(owner)
    return mail_log.address_of(owner)


@pytest.fixture
def copied(address):
    """copied(): one mail of the owner's reaches the log address, and is looked at."""

    def copied(
        words="Very private words.", *, to="ada@okafor.example.com", sender="owner@example.com", dkim="", **headers
    ):
        headers = {"Message-ID": "<abc@example.com>", "subject": "The autumn talk", **headers}
        raw = mail(words, sender=sender, to=to, **headers)
        around = f'{{"to": ["{headers.get("reach", address)}"], "from": "owner@example.com"}}'
        kept = keep({"email": raw, "envelope": around.encode(), "SPF": b"pass", "dkim": dkim.encode()})
        look_through()
        kept.refresh_from_db()
        return kept

    return copied


def test_it_logs_a_blind_copy_at_the_partner(copied, physician, owner):
    found = copied()

    touch = physician.touches.get()
    assert (touch.kind, touch.source, touch.summary, touch.by, touch.direction) == (
        "email",
        "mail",
        "The autumn talk",
        owner,
        "out",
    )
    assert [str(contact) for contact in touch.contacts.all()] == ["Dr. Ada Okafor"]
    assert (found.state, found.claimed_by) == (State.CLAIMED, "log_by_mail")
    assert "Logged as an e-mail with Okafor Family Medicine" in found.outcome


def test_it_drops_what_was_written(copied, physician):
    assert b"private" not in bytes(copied().raw)
    assert "private" not in str(Touch.objects.values().get(pk=physician.touches.get().pk))


def test_it_logs_the_same_mail_once(copied, physician):
    for number in range(3):
        copied(Received=f"by server {number}")

    assert physician.touches.count() == 1


def test_it_leaves_taken_back_what_was_taken_back(copied, physician, owner):
    copied()
    take_back(physician.touches.get(), by=owner)
    copied(Received="again")

    assert not physician.touches.standing().exists()


def test_it_logs_once_at_each_of_several_partners(copied, physician, quiet_gym):
    sam = Contact.objects.create(name="Sam", email="sam@ironworks.example.com")
    Role.objects.create(partner=quiet_gym, contact=sam)
    found = copied(to="Ada@Okafor.example.com, sam@ironworks.example.com", Cc="nobody@example.com")

    assert physician.touches.get().summary == quiet_gym.touches.first().summary == "The autumn talk"
    assert "Okafor Family Medicine and Ironworks Gym" in found.outcome


def test_it_counts_a_mail_to_many_as_no_being_in_touch(copied):
    for number in range(4):
        Partner.objects.create(name=f"Gym {number}", email=f"gym{number}@example.com")
    copied(to=", ".join(f"gym{number}@example.com" for number in range(4)))

    assert Touch.objects.filter(counts_for_cadence=False, source="mail").count() == 4


@pytest.mark.parametrize("words", [FORWARDED.format(day="Fri, Nov 20, 2026 at 9:14 AM"), OUTLOOK, APPLE])
def test_it_logs_a_forwarded_mail_as_coming_from_them(copied, address, physician, words):
    copied(words, to=address, subject="Fwd: The talk")

    touch = physician.touches.get()
    assert (touch.summary, touch.direction) == ("The talk", "in")


def test_it_dates_a_forwarded_mail_by_its_own_day(copied, address, physician):
    day = timezone.localdate() - timedelta(days=5)
    copied(FORWARDED.format(day=f"{day:%a, %b} {day.day}, {day.year} at 9:14 AM"), to=address, subject="Fwd: The talk")

    assert timezone.localdate(physician.touches.get().occurred_at) == day


def test_it_puts_into_the_tray_what_fits_no_partner(copied):
    found = copied(to="stranger@example.com")

    assert (found.state, found.claimed_by) == (State.TRAY, "")
    assert "none of your partners has an address among stranger@example.com" in found.outcome
    assert b"private" in bytes(found.raw)


def test_it_puts_into_the_tray_what_comes_from_elsewhere(copied, physician, viewer):
    assert copied(sender="mallory@example.com").state == State.TRAY
    assert copied(sender=viewer.email).state == State.TRAY
    assert not physician.touches.exists()


def test_it_trusts_no_forged_sender(copied, physician):
    found = copied(dkim="{@example.com : fail}")

    assert found.state == State.TRAY
    assert "may be forged" in found.outcome


def test_it_asks_about_a_subject_that_names_a_patient(copied, physician):
    found = copied(subject="Re: Jane's knee")

    assert found.state == State.TRAY
    assert "looks as if it named a patient: a name beside a body part" in found.outcome
    assert not physician.touches.exists()


def test_it_hears_no_address_that_was_renewed(copied, owner, physician):
    old = mail_log.address_of(owner)
    mail_log.renew(owner)

    found = copied(reach=old)
    assert found.state == State.TRAY
    assert "no longer" in found.outcome


def test_it_leaves_other_mail_alone(copied, address):
    found = copied(sender="ada@okafor.example.com", reach="hello@in.example.com", to="hello@in.example.com")

    assert (found.state, found.outcome) == (State.TRAY, "")


def test_it_lets_a_person_choose_the_partner(at_desk, copied, quiet_gym, owner):
    found = copied(to="stranger@example.com")
    assert f"?mail={found.pk}" in at_desk.get(reverse("inbox:inspect", args=[found.pk])).content.decode()
    assert "The autumn talk" in at_desk.get(f"/admin/log/?mail={found.pk}").content.decode()

    at_desk.post("/admin/log/", {"kind": "email", "partner": quiet_gym.pk, "summary": "The talk", "mail": found.pk})
    found.refresh_from_db()
    assert (quiet_gym.touches.first().source, found.state, found.by) == ("mail", State.DONE, owner)
    assert b"private" not in bytes(found.raw)


def test_it_knows_a_sender_who_is_somebody_at_a_partner(at_desk, physician):
    kept = keep({"email": mail("Hello", sender="ada@okafor.example.com")})
    look_through()

    assert (
        f'name="partner" value="{physician.pk}" checked' in at_desk.get(f"/admin/log/?mail={kept.pk}").content.decode()
    )


def test_it_shows_the_address_and_makes_a_new_one(at_desk, owner):
    url = reverse("log_by_mail")
    assert "Make my address" in at_desk.get(url).content.decode()

    assert at_desk.post(url, follow=True).status_code == 200
    first = mail_log.address_of(owner)
    for page in (url, "/admin/log/", reverse("wagtailadmin_account")):
        assert first in at_desk.get(page).content.decode()
    at_desk.post(url)
    assert mail_log.address_of(owner) != first


def test_it_says_what_to_set_where_no_mail_comes_in(at_desk, settings):
    settings.INBOUND_HOST = ""

    assert "Set <code>INBOUND_HOST</code>" in at_desk.get(reverse("log_by_mail")).content.decode()


def test_it_needs_permission(client, viewer):
    assert client.get(reverse("log_by_mail")).status_code == 302
    client.force_login(viewer)
    assert client.post(reverse("log_by_mail")).status_code == 302
    assert mail_log.address_of(viewer) == ""


def test_it_refuses_the_wrong_method(at_desk):
    assert at_desk.put(reverse("log_by_mail")).status_code == 405
