"""Thanks: drafted by what may be said, sent by a person, within 24 hours, red after 48."""

import html
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from crm.mail.models import Message
from crm.people.models import Contact
from partners import thanking
from partners.actions import AlreadyThanked, permit, receive_referral, thank
from partners.models import Kind, Partner, Referral, Role, Touch

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral(practice, physician) -> Referral:
    return Referral.objects.select_related("partner", "referred_by").get(partner=physician)


@pytest.fixture
def ada(physician) -> Contact:
    return physician.roles.get().contact


def aged(referral: Referral, **ago: float) -> Referral:
    Referral.objects.filter(pk=referral.pk).update(received_at=timezone.now() - timedelta(**ago))
    referral.refresh_from_db()
    return referral


@pytest.mark.parametrize(
    ("hours", "band"), [(0, "fresh"), (23.9, "fresh"), (24.1, "due"), (47.9, "due"), (48.1, "late")]
)
def test_it_is_due_in_24_hours_and_red_after_48(referral, hours, band):
    assert aged(referral, hours=hours).thanks_band == band
    assert Referral.objects.thanks_late(timezone.now()).exists() == (band == "late")


def test_it_is_owed_no_more_once_it_was_said(referral, owner):
    thank(referral, by=owner)
    referral.refresh_from_db()

    assert referral.thanks_band == ""


TELLTALE = ("came in", "came to", "has come", "we saw", "seen", "patient", "you sent", "your referral", "appointment")


@pytest.mark.parametrize("kind", Kind.values)
@pytest.mark.parametrize("is_signed", [False, True])
def test_it_drafts_words_that_say_nothing_of_anybody(practice, owner, kind, is_signed):
    """Signed or not: what was signed for is said by hand, for a letter would have to name somebody."""
    partner = Partner.objects.create(name="Still Water", kind=kind)
    referral = Referral.objects.create(partner=partner)
    if is_signed:
        permit(referral, by=owner, signed_on=timezone.localdate(), may_name=True, may_say_visit=True)

    draft = thanking.draft(referral, to=None, by=owner)

    assert "Thank you for thinking of us." in draft.words
    words = draft.words.lower().replace("your patients go by what you say", "")  # true of every physician
    assert not [each for each in TELLTALE if each in words]
    assert (draft.permission is not None) == is_signed


def test_it_greets_who_sent_them_and_is_signed_by_who_writes(referral, owner, ada):
    owner.first_name, owner.last_name = "Maren", "Holt"

    words = thanking.draft(referral, to=ada, by=owner).words

    assert words.startswith("Hello Ada,\n\n")
    assert words.endswith("\n\nMaren Holt\nHarbour Physio")


def test_it_opens_a_mail_program_with_the_words(referral, ada):
    draft = thanking.draft(referral, to=ada)

    address = draft.mailto("a b@example.com")
    assert address.startswith(
        "mailto:a%20b%40example.com?subject=Thank%20you%20for%20thinking%20of%20us&body=Hello%20Ada"
    )


def test_it_sends_once_through_the_outbox_with_a_touch(referral, owner, ada):
    letter = thanking.send(referral, to=ada, subject="Thank you", words="Hello [[first_name]] Ada.", by=owner)

    assert (letter.message_class, letter.to_email) == ("transactional", "ada@okafor.example.com")
    assert letter.not_before > timezone.now() + timedelta(minutes=1)
    assert "Hello [[open_brackets]]first_name]] Ada." in letter.content.text
    assert Touch.objects.get(kind="thanks").contacts.get() == ada
    with pytest.raises(AlreadyThanked):
        thanking.send(referral, to=ada, subject="Thank you", words="Again", by=owner)
    assert Message.objects.count() == 1


def test_it_sends_to_nobody_else(referral, owner):
    stranger = Contact.objects.create(name="Jo", email="jo@example.com")

    with pytest.raises(thanking.NotTheirAddress):
        thanking.send(referral, to=stranger, subject="Thank you", words="Hello", by=owner)
    assert not Message.objects.exists()


def test_it_sends_to_nobody_without_an_address(referral, owner, ada):
    Contact.objects.filter(pk=ada.pk).update(email="")
    ada.refresh_from_db()

    with pytest.raises(thanking.NotTheirAddress):
        thanking.send(referral, to=ada, subject="Thank you", words="Hello", by=owner)


def test_it_sends_nothing_by_itself(practice, physician, owner):
    receive_referral(physician, by=owner)

    assert not Message.objects.exists()


def test_it_calls_a_letter_back_within_two_minutes(referral, owner, ada):
    letter = thanking.send(referral, to=ada, subject="Thank you", words="Hello", by=owner)

    thanking.take_back(referral, touch=Touch.objects.get(kind="thanks"), by=owner)

    letter.refresh_from_db()
    assert letter.state == Message.State.SKIPPED
    assert Referral.objects.awaiting_thanks().get() == referral
    assert thanking.send(referral, to=ada, subject="Thank you", words="Better", by=owner).pk != letter.pk


def test_it_does_not_pretend_to_call_back_what_has_left(referral, owner, ada):
    thanking.send(referral, to=ada, subject="Thank you", words="Hello", by=owner)
    Message.objects.update(state=Message.State.HANDED_OVER, settled_at=timezone.now())

    with pytest.raises(thanking.LetterHasLeft):
        thanking.take_back(referral, touch=Touch.objects.get(kind="thanks"), by=owner)
    assert not Referral.objects.awaiting_thanks().exists()


def test_it_counts_who_was_thanked_in_time(physician, quiet_gym):
    now = timezone.now()
    for days, after in ((10, 0.5), (9, 1.9), (8, 2.1), (7, None), (1, None), (0.5, 0.1)):
        at = now - timedelta(days=days)
        thanked_at = at + timedelta(days=after) if after is not None else None
        Referral.objects.create(partner=quiet_gym, received_at=at, thanked_at=thanked_at)
    Referral.objects.create(partner=quiet_gym, received_at=now - timedelta(days=9), is_quarantined=True)

    share = thanking.on_time(quiet_gym, now=now)

    assert (share.done, share.of, share.percent) == (3, 5, 60)
    assert thanking.on_time(quiet_gym, since=now - timedelta(days=8.5), now=now).of == 3
    assert thanking.on_time(now=now) == share
    assert thanking.on_time(physician, now=now).percent is None


# The page.


def test_its_page_sends_what_was_edited(client, owner, referral, ada):
    client.force_login(owner)
    address = f"/admin/referrals/{referral.pk}/thank-you/"
    assert "Thank you for thinking of us." in client.get(address).content.decode()
    assert not Message.objects.exists()

    page = client.post(address, {"to": ada.pk, "subject": "Thanks!", "words": "Dear Ada, thank you."}, follow=True)

    assert "leave in two minutes" in page.content.decode()
    assert "Dear Ada, thank you." in Message.objects.get().content.text
    referral.refresh_from_db()
    assert referral.thanked_at is not None


@pytest.fixture
def ben(physician) -> Contact:
    """A second person there who can be written to."""
    contact = Contact.objects.create(name="Ben Ruiz", email="ben@okafor.example.com")
    Role.objects.create(partner=physician, contact=contact)
    return contact


def test_its_page_knows_how_to_greet_each(client, owner, referral, ada, ben):
    client.force_login(owner)

    page = client.get(f"/admin/referrals/{referral.pk}/thank-you/").content.decode()

    greetings = {str(ada.pk): "Hello Ada,", str(ben.pk): "Hello Ben,"}
    assert f'data-greetings="{html.escape(json.dumps(greetings))}"' in page


def test_its_page_sends_no_greeting_of_somebody_else(client, owner, referral, ada, ben):
    """Whoever has no script in the browser sees the greeting mended before the letter leaves."""
    client.force_login(owner)
    address = f"/admin/referrals/{referral.pk}/thank-you/"
    typed = {"to": ben.pk, "subject": "Thanks", "words": "Hello Ada,\r\n\r\nThank you."}

    page = client.post(address, typed)
    assert page.status_code == 422
    assert "They greet Ben Ruiz now: read them, and send." in page.content.decode()
    assert not Message.objects.exists()

    client.post(address, {**typed, "words": page.context["form"]["words"].value()})
    assert "Hello Ben," in Message.objects.get().content.text


@pytest.mark.parametrize(
    ("words", "greeted"),
    [
        ("Hello Ada,\n\nThank you.", "Hello Ben,\n\nThank you."),
        ("Hello everybody at Okafor Family Medicine,\nhi", "Hello Ben,\nhi"),
        ("Hello Ben,\nhi", "Hello Ben,\nhi"),
        ("Dear Ada,\nhi", "Dear Ada,\nhi"),
        ("Hello Adam,\nhi", "Hello Adam,\nhi"),
    ],
)
def test_it_greets_who_was_chosen_and_leaves_words_of_ones_own(referral, ben, words, greeted):
    assert thanking.greeted_as(referral, words, to=ben) == greeted


def test_its_page_asks_once_when_the_words_look_like_a_patient(client, owner, referral, ada):
    client.force_login(owner)
    address = f"/admin/referrals/{referral.pk}/thank-you/"
    typed = {"to": ada.pk, "subject": "Thanks", "words": "Thank you for Jane Doe, her knee pain is better."}

    page = client.post(address, typed)
    assert page.status_code == 422
    assert "This looks as if it named a patient" in page.content.decode()
    assert "Jane Doe, her knee pain is better." in page.content.decode()
    assert not Message.objects.exists()

    client.post(address, {**typed, "seen": page.context["form"].mark})
    assert Message.objects.count() == 1


@pytest.mark.parametrize("typed", [{"words": ""}, {"subject": ""}, {"to": "999999"}, {"words": "x" * 4001}])
def test_its_page_keeps_what_was_typed_when_something_is_missing(client, owner, referral, ada, typed):
    client.force_login(owner)

    page = client.post(
        f"/admin/referrals/{referral.pk}/thank-you/", {"to": ada.pk, "subject": "Hi", "words": "Dear Ada", **typed}
    )

    assert page.status_code == 422
    assert not Message.objects.exists()


def test_its_page_says_how_else_when_nobody_has_an_address(client, owner, practice, quiet_gym):
    Role.objects.create(partner=quiet_gym, contact=Contact.objects.create(name="Mike"))
    referral = Referral.objects.create(partner=quiet_gym)
    client.force_login(owner)

    page = client.get(f"/admin/referrals/{referral.pk}/thank-you/").content.decode()

    assert "None of their people has an e-mail address here" in page
    assert "Send it from here" not in page


def test_its_page_needs_a_login_and_permission(client, viewer, referral):
    address = f"/admin/referrals/{referral.pk}/thank-you/"
    assert client.get(address).url.startswith("/admin/login/")
    client.force_login(viewer)
    assert client.get(address).status_code == 302
    client.post(address, {"words": "x", "subject": "x"})
    assert not Message.objects.exists()
