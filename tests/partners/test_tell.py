"""What may be said back, and that there is no way around it: model, form, view, verb."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from crm.people.models import Contact
from partners import loop
from partners.actions import (
    AlreadyTold,
    NothingMayGoBack,
    NotTold,
    move_referral,
    permit,
    revoke,
    tell,
    thank,
    untell,
)
from partners.models import Disclosure, Referral, Role, WordPermission

pytestmark = pytest.mark.django_db
SEEN = "That the person they sent was seen."


@pytest.fixture
def to_physician(physician, owner) -> Referral:
    """Sent by a health-care provider, and seen."""
    referral = Referral.objects.select_related("partner", "referred_by").get(partner=physician)
    return move_referral(referral, to="evaluated", by=owner)


@pytest.fixture
def to_coach(quiet_gym, owner) -> Referral:
    """Sent by a coach, and seen."""
    coach = Contact.objects.create(name="Mike Boyle", email="mike@ironworks.example.com")
    Role.objects.create(partner=quiet_gym, contact=coach, title="Head coach")
    referral = Referral.objects.create(partner=quiet_gym, referred_by=coach)
    return move_referral(referral, to="evaluated", by=owner)


def sign(referral: Referral, owner, **scope) -> WordPermission:
    today = timezone.localdate()
    return permit(referral, by=owner, **{"signed_on": today, "may_say_visit": True, **scope})


def test_it_lets_a_provider_hear_that_they_were_seen_and_accounts_for_it(to_physician, owner):
    assert loop.word_owed(to_physician) == "notice"

    tell(to_physician, word="notice", by=owner)

    line = Disclosure.objects.get()
    assert (line.recipient, line.what) == ("Dr. Ada Okafor, Okafor Family Medicine", SEEN)
    assert line.why == "For treatment, one health-care provider to another."
    assert loop.is_closed(to_physician)


def test_it_keeps_only_that_word_went_back_and_when():
    fields = {field.name for field in Disclosure._meta.get_fields()}

    assert fields == {"id", "referral", "recipient", "what", "why", "at", "by"}


def test_it_lets_a_coach_hear_nothing(to_coach, owner):
    for notice in loop.Notice:
        with pytest.raises(NothingMayGoBack):
            tell(to_coach, word="notice", by=owner, notice=notice)
    with pytest.raises(NothingMayGoBack):
        tell(to_coach, word="permitted", by=owner)

    assert not Disclosure.objects.exists()
    to_coach.refresh_from_db()
    assert to_coach.told == ""


def test_it_goes_by_the_person_and_not_by_the_kind_of_partner(physician, to_physician, owner):
    coach = Contact.objects.create(name="Bo Lind")
    Role.objects.create(partner=physician, contact=coach, title="Health coach")
    Referral.objects.filter(pk=to_physician.pk).update(referred_by=coach)
    to_physician.refresh_from_db()

    with pytest.raises(NothingMayGoBack):
        tell(to_physician, word="notice", by=owner)


def test_it_tells_nobody_in_particular_nothing(physician, owner):
    referral = move_referral(Referral.objects.create(partner=physician), to="evaluated", by=owner)

    with pytest.raises(NothingMayGoBack):
        tell(referral, word="notice", by=owner)


def test_it_goes_by_their_place_at_the_partner_who_sent_them(to_coach, physician, owner):
    """A physician who trains at the gym is its member there, not its provider."""
    Referral.objects.filter(pk=to_coach.pk).update(referred_by=physician.roles.get().contact)
    to_coach.refresh_from_db()

    with pytest.raises(NothingMayGoBack):
        tell(to_coach, word="notice", by=owner)


def test_it_tells_of_nothing_that_has_not_happened(physician, owner):
    referral = Referral.objects.get(partner=physician)

    tell(referral, word="notice", by=owner, notice="received")
    assert (referral.told, Disclosure.objects.count()) == ("", 1)
    for notice in ("seen", "discharged"):
        with pytest.raises(NothingMayGoBack):
            tell(referral, word="notice", by=owner, notice=notice)


def test_it_says_the_same_thing_once(to_physician, owner):
    tell(to_physician, word="notice", by=owner)

    with pytest.raises(AlreadyTold):
        tell(to_physician, word="notice", by=owner)
    assert Disclosure.objects.count() == 1


def test_it_lets_a_coach_hear_what_was_signed_for(to_coach, owner):
    sign(to_coach, owner, may_name=True)

    tell(to_coach, word="permitted", by=owner)

    line = Disclosure.objects.get()
    assert line.what == "What was signed for: their name, that they came."
    assert line.why == f"Permission signed on {timezone.localdate()}."
    assert line.recipient == "Mike Boyle, Ironworks Gym"


@pytest.mark.parametrize("ends", ["revoked", "expired", "tomorrow"])
def test_it_asks_whether_the_permission_is_in_force_today(to_coach, owner, ends):
    today = timezone.localdate()
    days = {"expired": (-40, -1), "tomorrow": (1, 30)}.get(ends, (0, 30))
    permission = sign(
        to_coach, owner, signed_on=today + timedelta(days=days[0]), expires_on=today + timedelta(days=days[1])
    )
    if ends == "revoked":
        revoke(permission, by=owner)

    with pytest.raises(NothingMayGoBack):
        tell(to_coach, word="permitted", by=owner)


def test_it_counts_the_last_day_of_a_permission(to_coach, owner):
    sign(to_coach, owner, expires_on=timezone.localdate())

    tell(to_coach, word="permitted", by=owner)

    assert to_coach.told == "permitted"


def test_it_closes_the_loop_with_a_coach_by_thanks_alone(to_coach, owner):
    assert (loop.word_owed(to_coach), loop.is_closed(to_coach)) == ("thanks_only", False)

    thank(to_coach, by=owner)

    to_coach.refresh_from_db()
    assert loop.is_closed(to_coach)
    assert not Disclosure.objects.exists()


def test_it_does_not_close_the_loop_with_a_provider_by_thanks_alone(to_physician, owner):
    thank(to_physician, by=owner)

    to_physician.refresh_from_db()
    assert not loop.is_closed(to_physician)


def test_it_is_closed_neither_by_word_alone_nor_by_being_seen_alone(physician, to_coach, owner):
    referral = Referral.objects.get(partner=physician)
    tell(referral, word="notice", by=owner, notice="received")
    thank(referral, by=owner)
    referral.refresh_from_db()

    assert not loop.is_closed(referral)
    assert not loop.is_closed(to_coach)


def test_it_is_closed_by_being_lost_for_a_reason(physician, owner):
    referral = move_referral(Referral.objects.get(partner=physician), to="lost", by=owner, lost_reason="distance")

    assert loop.is_closed(referral)
    assert loop.word_owed(referral) is None


def test_it_lists_the_same_word_as_owed(to_physician, to_coach, owner):
    assert set(Referral.objects.word_owed()) == {to_physician, to_coach}

    thank(to_coach, by=owner)
    tell(to_physician, word="notice", by=owner)

    assert not Referral.objects.word_owed().exists()


def test_it_undoes_with_a_line_that_says_so(to_physician, owner):
    tell(to_physician, word="notice", by=owner)

    untell(to_physician, what=SEEN, by=owner)

    assert [line.what for line in Disclosure.objects.order_by("pk")] == [SEEN, f"Noted by mistake: {SEEN}"]
    assert (to_physician.told, to_physician.told_at, loop.is_closed(to_physician)) == ("", None, False)
    with pytest.raises(NotTold):
        untell(to_physician, what=SEEN, by=owner)
    tell(to_physician, word="notice", by=owner)
    assert loop.is_closed(to_physician)


# No way around.


@pytest.mark.parametrize("word", ["notice", "permitted"])
def test_it_is_held_by_the_database_whoever_writes(to_coach, to_physician, word):
    for referral in (to_coach, to_physician):
        with pytest.raises(IntegrityError), transaction.atomic():
            Referral.objects.filter(pk=referral.pk).update(told=word, told_at=timezone.now())
        referral.told, referral.told_at = word, timezone.now()
        with pytest.raises(IntegrityError), transaction.atomic():
            referral.save()


@pytest.mark.parametrize("word", ["notice", "permitted"])
def test_it_is_held_by_the_database_from_the_first_moment(physician, word):
    ada = physician.roles.get().contact

    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.create(partner=physician, referred_by=ada, told=word, told_at=timezone.now())


def test_it_is_not_said_by_a_permission_that_was_taken_back_since(to_coach, owner):
    permission = sign(to_coach, owner)
    Disclosure.objects.create(referral=to_coach, recipient="x", what="x", why="x")
    revoke(permission, by=owner)

    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.filter(pk=to_coach.pk).update(told="permitted", told_at=timezone.now())


def test_its_accounting_only_grows(to_physician, owner):
    tell(to_physician, word="notice", by=owner)

    for change in (lambda: Disclosure.objects.update(what="x"), lambda: Disclosure.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_no_form_and_no_view_says_it(client, owner, to_coach):
    client.force_login(owner)
    everything = {"told": "notice", "told_at": "2026-01-01", "word": "notice", "is_healthcare_provider": "on"}

    client.post(
        f"/admin/referrals/edit/{to_coach.pk}/", {"channel": "phone", "received_at": "2026-01-01", **everything}
    )
    page = client.post(f"/admin/referrals/{to_coach.pk}/tell/", everything, follow=True)
    client.post(f"/admin/referrals/{to_coach.pk}/tell/", {"word": "permitted"})

    assert "Only a health-care provider may hear this without a signature" in page.content.decode()
    to_coach.refresh_from_db()
    assert (to_coach.told, to_coach.told_at) == ("", None)
    assert not Disclosure.objects.exists()


def test_it_is_told_with_a_tap_and_a_way_back(client, owner, to_physician):
    client.force_login(owner)

    page = client.post(f"/admin/referrals/{to_physician.pk}/tell/", {"word": "notice", "notice": "seen"}, follow=True)
    assert "It stands in the accounting of disclosures." in page.content.decode()

    client.post(f"/admin/referrals/{to_physician.pk}/untell/", {"what": SEEN})
    to_physician.refresh_from_db()
    assert to_physician.told == ""


def test_only_the_owner_notes_what_was_signed_for(client, assistant, owner, to_coach):
    today = timezone.localdate()
    signed = {"may_say_visit": "on", "signed_on": today.isoformat()}
    client.force_login(assistant)
    client.post(f"/admin/referrals/{to_coach.pk}/permit/", signed)
    assert not WordPermission.objects.exists()

    client.force_login(owner)
    client.post(f"/admin/referrals/{to_coach.pk}/permit/", signed)
    permission = WordPermission.objects.get()
    assert (permission.covers, permission.by) == (["that they came"], owner)
    client.post(f"/admin/referrals/permissions/{permission.pk}/revoke/")
    permission.refresh_from_db()
    assert permission.revoked_at is not None


@pytest.mark.parametrize(
    "typed",
    [
        {"signed_on": "2099-01-01", "may_name": "on"},
        {"signed_on": "2026-01-01"},
        {"signed_on": "2026-01-02", "expires_on": "2026-01-01", "may_name": "on"},
        {"signed_on": "soon", "may_name": "on"},
    ],
)
def test_it_notes_no_permission_that_makes_no_sense(client, owner, to_coach, typed):
    client.force_login(owner)

    page = client.post(f"/admin/referrals/{to_coach.pk}/permit/", typed, follow=True)

    assert "Nothing is noted yet." in page.content.decode()
    assert not WordPermission.objects.exists()


def test_the_accounting_is_a_file_for_the_owner_alone(client, owner, assistant, to_physician):
    tell(to_physician, word="notice", by=owner)
    client.force_login(assistant)
    assert client.get("/admin/referrals/accounting.csv").status_code == 302

    client.force_login(owner)
    rows = client.get("/admin/referrals/accounting.csv").content.decode("utf-8-sig").splitlines()
    assert rows[0] == "Date,Recipient,What,Why,Referral,Partner,By"
    assert '"Dr. Ada Okafor, Okafor Family Medicine",That the person they sent was seen.' in rows[1]


def test_the_accounting_reaches_six_years_back(client, owner, to_physician):
    now = timezone.now()
    for years in (5.9, 6.1):
        Disclosure.objects.create(
            referral=to_physician, recipient="=HYPERLINK()", what="x", why="x", at=now - timedelta(days=365.25 * years)
        )
    client.force_login(owner)

    rows = client.get("/admin/referrals/accounting.csv").content.decode("utf-8-sig").splitlines()

    assert len(rows) == 2
    assert "'=HYPERLINK()" in rows[1]
