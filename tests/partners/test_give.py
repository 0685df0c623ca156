"""Gifts keep to the limits of the year: numbers, no way around them, and two at once."""

from __future__ import annotations

import threading
from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from crm.people.models import Contact
from partners import giving
from partners.actions import (
    GiftAboveStop,
    GiftIncomplete,
    GiftInFuture,
    GiftNeedsReason,
    GiftStands,
    GiftTakenBack,
    NoCash,
    NoGiftLimits,
    PatientGiftTooLarge,
    PatientNamed,
    give,
    put_back_gift,
    take_back_gift,
)
from partners.models import Gift, GiftLimit, Kind, Partner, Role

pytestmark = pytest.mark.django_db

SPRING = date(2026, 4, 1)
LICENSED, PARTNER, PATIENT = Gift.Recipient.LICENSED, Gift.Recipient.PARTNER, Gift.Recipient.PATIENT


def given(dollars: float, *, to=None, **more) -> Gift:
    facts = {
        "recipient": LICENSED,
        "what": "A basket of fruit",
        "purpose": "Thanks for lending the room",
        "given_on": SPRING,
        "by": None,
    }
    who = {"contact": to} if isinstance(to, Contact) else {"partner": to}
    return give(**{**facts, **who, "value_cents": round(dollars * 100), **more})


def test_it_notes_a_gift(physician, owner):
    gift = given(20, to=physician, by=owner)

    gift.refresh_from_db()
    assert (gift.partner, gift.recipient, gift.value_cents, gift.by) == (physician, LICENSED, 2000, owner)
    assert gift.override_reason == ""


@pytest.mark.parametrize(("dollars", "asks"), [(50, False), (50.01, True)])
def test_it_asks_why_above_50_dollars_for_one_gift(physician, dollars, asks):
    if not asks:
        assert given(dollars, to=physician).override_reason == ""
        return
    with pytest.raises(GiftNeedsReason, match=r"more than \$50 for one gift"):
        given(dollars, to=physician)

    assert given(dollars, to=physician, override_reason="Their tenth anniversary").override_reason


@pytest.mark.parametrize(("last", "asks"), [(50, False), (50.01, True)])
def test_it_asks_why_above_150_dollars_a_year(physician, last, asks):
    given(50, to=physician)
    given(50, to=physician)

    if asks:
        with pytest.raises(GiftNeedsReason):
            given(last, to=physician)
    else:
        given(last, to=physician)
        with pytest.raises(GiftNeedsReason, match=r"\$150.01 in 2026, more than \$150"):
            given(0.01, to=physician)


@pytest.mark.parametrize(("year", "stop"), [(2023, 489), (2024, 507), (2026, 535)])
def test_it_stops_at_the_stark_limit_of_the_year(physician, year, stop):
    day = date(year, 3, 1)
    given(stop - 10, to=physician, given_on=day, override_reason="A farewell")

    with pytest.raises(GiftAboveStop, match=r"\$10 is left. Nothing overrides"):
        given(10.01, to=physician, given_on=day, override_reason="Really")
    given(10, to=physician, given_on=day, override_reason="To the cent")


def test_it_takes_the_newest_limits_before_a_year_without_any(physician):
    assert giving.Limits.on(date(2025, 5, 1)).note.endswith("so those of 2024 hold.")

    with pytest.raises(GiftAboveStop):
        given(507.01, to=physician, given_on=date(2025, 5, 1), override_reason="Really")


def test_it_refuses_where_no_limits_are_known(physician):
    with pytest.raises(NoGiftLimits):
        given(5, to=physician, given_on=date(2022, 5, 1))


def test_it_begins_each_year_anew(physician):
    given(489, to=physician, given_on=date(2023, 12, 31), override_reason="A farewell")

    given(50, to=physician, given_on=date(2024, 1, 1))

    years = physician.gifts.order_by("given_on").values_list("given_on__year", "value_cents")
    assert list(years) == [(2023, 48_900), (2024, 5_000)]


def test_it_says_where_the_limits_are_from():
    assert all("cms.gov" in limits.source for limits in GiftLimit.objects.all())
    with pytest.raises(IntegrityError), transaction.atomic():
        GiftLimit.objects.create(year=2030, licensed_stop_cents=60_000)


def test_it_counts_a_practice_as_a_whole(physician):
    ada, partner_of_hers = physician.roles.get().contact, Contact.objects.create(name="Dr. Ben Cole")
    Role.objects.create(partner=physician, contact=partner_of_hers, is_healthcare_provider=True)
    front_desk = Contact.objects.create(name="Joy Adler")
    Role.objects.create(partner=physician, contact=front_desk)
    given(200, to=ada, override_reason="A")
    given(200, to=partner_of_hers, override_reason="B")
    given(100, to=front_desk, override_reason="C")

    with pytest.raises(GiftAboveStop):
        given(35.01, to=physician, override_reason="D")
    assert giving.given_cents(physician, None, year=2026) == 50_000


@pytest.mark.parametrize("said", [PARTNER, LICENSED])
@pytest.mark.parametrize("kind", [Kind.DPC_PHYSICIAN, Kind.FUNCTIONAL_MEDICINE])
def test_it_knows_a_physicians_practice_by_its_kind(kind, said):
    practice = Partner.objects.create(name="Practice", kind=kind)

    assert given(10, to=practice, recipient=said).recipient == LICENSED
    with pytest.raises(NoCash):
        given(10, to=practice, recipient=said, is_cash_like=True, override_reason="Really")


def test_it_knows_a_provider_wherever_they_are_met(physician, quiet_gym):
    ada = physician.roles.get().contact
    Role.objects.create(partner=quiet_gym, contact=ada, title="Member")

    assert given(10, to=ada, recipient=PARTNER).recipient == LICENSED
    assert given(10, to=quiet_gym, contact=ada, recipient=PARTNER).recipient == LICENSED
    assert giving.given_cents(physician, None, year=2026) == 2000


def test_it_takes_a_gift_to_nobody_in_particular_as_one_to_the_provider_there(quiet_gym):
    dietitian, trainer = Contact.objects.create(name="Dee"), Contact.objects.create(name="Tom")
    Role.objects.create(partner=quiet_gym, contact=dietitian, is_healthcare_provider=True)
    Role.objects.create(partner=quiet_gym, contact=trainer)

    assert given(10, to=quiet_gym, recipient=PARTNER).recipient == LICENSED
    assert given(10, to=quiet_gym, contact=trainer, recipient=PARTNER).recipient == PARTNER


def test_it_counts_what_was_given_before_they_were_known_as_a_provider(quiet_gym):
    coach = Contact.objects.create(name="Coach")
    role = Role.objects.create(partner=quiet_gym, contact=coach)
    given(500, to=coach, recipient=PARTNER)
    role.is_healthcare_provider = True
    role.save()

    with pytest.raises(GiftAboveStop):
        given(36, to=coach, recipient=PARTNER, override_reason="Really")


def test_it_lets_a_gym_have_what_it_may(quiet_gym):
    assert given(600, to=quiet_gym, recipient=PARTNER, is_cash_like=True).recipient == PARTNER


@pytest.mark.parametrize("dollars", [0.01, 15])
def test_it_allows_a_patient_15_dollars(dollars):
    assert given(dollars, recipient=PATIENT).to_whom == "A patient"


def test_it_refuses_a_patient_more_than_15_dollars():
    with pytest.raises(PatientGiftTooLarge, match=r"\$15 at most"):
        given(15.01, recipient=PATIENT, override_reason="Really")


def test_it_refuses_a_patient_cash():
    with pytest.raises(NoCash):
        given(5, recipient=PATIENT, is_cash_like=True, override_reason="Really")


def test_it_names_no_patient(physician):
    with pytest.raises(PatientNamed):
        given(5, to=physician, recipient=PATIENT)


@pytest.mark.parametrize("missing", [{"what": " "}, {"purpose": ""}, {"value_cents": 0}, {"partner": None}])
def test_it_wants_the_whole_of_it(physician, missing):
    with pytest.raises(GiftIncomplete):
        given(5, **{"partner": physician, **missing})


def test_it_refuses_a_gift_still_to_come(physician):
    with pytest.raises(GiftInFuture):
        given(5, to=physician, given_on=date(2099, 1, 1))
    with pytest.raises(ValidationError, match="already been given"):
        Gift(
            partner=physician, recipient=LICENSED, what="A", purpose="B", value_cents=1, given_on=date(2099, 1, 1)
        ).full_clean()


def test_it_notes_a_form_sent_twice_once(physician):
    once = uuid4()

    assert given(5, to=physician, once=once) == given(5, to=physician, once=once)
    assert Gift.objects.count() == 1


def test_it_is_taken_back_and_put_back(physician, owner):
    gift = given(40, to=physician)

    take_back_gift(gift, by=owner)
    assert giving.given_cents(physician, None, year=2026) == 0
    with pytest.raises(GiftTakenBack):
        take_back_gift(gift, by=owner)
    put_back_gift(gift, by=owner)
    assert giving.given_cents(physician, None, year=2026) == 4000
    with pytest.raises(GiftStands):
        put_back_gift(gift, by=owner)


def test_it_puts_nothing_back_above_the_stop(physician):
    gift = given(300, to=physician, override_reason="A farewell")
    take_back_gift(gift, by=None)
    given(300, to=physician, override_reason="Again")

    with pytest.raises(GiftAboveStop):
        put_back_gift(gift, by=None)


# No way around: PostgreSQL refuses what was written past the action.


def written(**fields) -> Gift:
    facts = {"what": "A", "purpose": "B", "value_cents": 1000, "given_on": SPRING, "recipient": LICENSED}
    return Gift(**{**facts, **fields})


def test_its_database_knows_who_is_licensed(physician):
    for fields in ({"partner": physician}, {"contact": physician.roles.get().contact}):
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            written(recipient=PARTNER, **fields).save()
        assert caught.value.__cause__.diag.constraint_name == "gift_recipient_is_a_fact"


def test_its_database_stops_a_practice(physician):
    written(partner=physician, value_cents=53_500).save()

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Gift.objects.bulk_create([written(partner=physician, value_cents=1)])
    assert caught.value.__cause__.diag.constraint_name == "gift_yearly_stop"
    with pytest.raises(IntegrityError), transaction.atomic():
        Gift.objects.update(value_cents=53_501)


def test_its_database_stops_a_change_of_year_or_recipient(physician, quiet_gym):
    written(partner=physician, value_cents=53_500).save()
    last_year = written(partner=physician, value_cents=100, given_on=date(2025, 1, 1))
    last_year.save()

    with pytest.raises(IntegrityError), transaction.atomic():
        Gift.objects.filter(pk=last_year.pk).update(given_on=SPRING)
    with pytest.raises(IntegrityError), transaction.atomic():
        Gift.objects.filter(pk=last_year.pk).update(recipient=PARTNER)


def test_its_database_refuses_patients_too_much_and_a_name(physician):
    for fields in ({"value_cents": 1501}, {"is_cash_like": True}, {"partner": physician}):
        with pytest.raises(IntegrityError), transaction.atomic():
            written(**{"recipient": PATIENT, **fields}).save()


def test_its_database_refuses_cash_to_a_provider(physician):
    with pytest.raises(IntegrityError), transaction.atomic():
        written(partner=physician, is_cash_like=True).save()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("past_the_action", [False, True])
def test_it_lets_only_one_of_two_at_once_pass_the_stop(past_the_action):
    """The first holds the practice until it commits; the second waits for it, and then sees it."""
    practice = Partner.objects.create(name="Practice", kind=Kind.DPC_PHYSICIAN)
    is_written, outcome = threading.Event(), []

    def second() -> None:
        is_written.wait(5)
        try:
            if past_the_action:
                written(partner=practice, value_cents=30_000).save()
            else:
                given(300, to=practice, override_reason="Second")
        except (GiftAboveStop, IntegrityError) as refusal:
            outcome.append(type(refusal))
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        given(300, to=practice, override_reason="First")
        is_written.set()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(5)

    assert outcome == [IntegrityError if past_the_action else GiftAboveStop]
    assert Gift.objects.count() == 1
