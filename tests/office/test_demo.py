"""The demo practice, loaded once for all tests of this module and rolled back after them."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from campaigns.models import Broadcast
from content import starter
from content.models import Lead
from crm.mail.models import InboundMail, LinkKey, Message
from crm.office.demo import OWNER_EMAIL, PASSWORD, loading, tomorrow
from crm.office.demo.days import Calendar
from crm.people.actions import consenting
from crm.people.models import ConsentEvent, Contact, PracticeProfile, Purpose, User
from partners.models import Disclosure, FollowUp, GiftLimit, Kind, Partner, Plan, Referral, SentReferral, Stage, Touch
from partners.same_people import pairs_of_people
from tests.pictures import thumbnails
from workshops.actions.waiting import AT_ONCE_UNTIL, OFFERED_UNTIL
from workshops.models import Registration, Topic, Workshop
from workshops.outcome import comparing

NOW = timezone.now()


@pytest.fixture(scope="module")
def _demo(django_db_setup, django_db_blocker, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr(starter, "PICTURES", thumbnails(tmp_path_factory.mktemp("pictures")))
        loading.load(now=NOW)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(_demo, db):
    return PracticeProfile.load()


def digest() -> list:
    """What of the practice must be the same after every load on the same day."""
    return [
        list(Partner.objects.order_by("external_id").values_list("name", "kind", "stage", "code", "stage_changed_at")),
        list(Touch.objects.order_by("occurred_at", "summary").values_list("summary", "kind", "occurred_at")),
        list(Contact.objects.order_by("email", "name").values_list("name", "email")),
        list(Referral.objects.order_by("received_at").values_list("received_at", "state", "thanked_at")),
        list(FollowUp.objects.order_by("due_on", "title").values_list("title", "due_on", "done_at")),
        list(Workshop.objects.order_by("starts_at").values_list("slug", "topic__name", "starts_at", "seats_taken")),
        list(Registration.objects.order_by("created_at").values_list("email", "state", "created_at")),
    ]


def test_it_has_two_contacts_who_may_be_one_person(demo):
    (pair,) = pairs_of_people(demo.country)

    first, second = Contact.objects.filter(pk__in=[pair.first, pair.second]).order_by("pk")
    assert (first.name, second.name) == ("Dr. Samir Haddad", "Samir Haddad")
    assert first.roles.exists()
    assert second.registrations.count() == 3
    assert second.created_at < NOW - timedelta(days=90)


def test_it_changes_nothing_the_second_time(demo, capsys):
    first = digest()

    call_command("demo")

    assert "there already" in capsys.readouterr().out
    assert digest() == first


def test_it_tells_the_logins(demo, capsys):
    call_command("demo")

    assert f"{OWNER_EMAIL}" in capsys.readouterr().out
    owner = User.objects.get(email=OWNER_EMAIL)
    # Hashed while the module's fixture ran, before a test's own quicker hasher applied.
    assert PBKDF2PasswordHasher().verify(PASSWORD, owner.password)
    assert [group.name for group in owner.groups.all()] == ["Owner"]


def test_it_never_clears_somebodys_own_work(demo):
    Contact.objects.create(name="Real Person", email="person@realtown.ca")

    with pytest.raises(CommandError, match="1 contacts with a real address"):
        call_command("demo", fresh=True)
    assert Contact.objects.filter(name="Real Person").exists()


def test_it_knows_partners_of_every_kind_and_stage(demo):
    assert 38 <= Partner.objects.count() <= 45
    assert set(Partner.objects.values_list("kind", flat=True)) == set(Kind.values)
    assert set(Partner.objects.values_list("stage", flat=True)) == set(Stage.values)


def test_it_tells_half_a_year_of_touches_in_many_words(demo):
    touches = Touch.objects.standing()

    assert 250 <= touches.count() <= 420
    assert touches.values("summary").distinct().count() >= 120
    assert touches.earliest("occurred_at").occurred_at < NOW - timedelta(weeks=23)
    assert not touches.filter(summary__contains="{").exists()


def test_it_logs_nothing_that_has_not_happened(demo):
    assert not Touch.objects.filter(occurred_at__gt=NOW).exists()
    assert not Touch.objects.filter(created_at__lt=F("occurred_at")).exists()
    assert not Referral.objects.filter(received_at__gt=NOW).exists()
    assert not FollowUp.objects.filter(done_at__gt=NOW).exists()
    assert not ConsentEvent.objects.filter(at__gt=NOW).exists()


def test_it_dates_the_audit_trail(demo):
    moves = LogEntry.objects.get_for_model(Partner).filter(action=LogEntry.Action.UPDATE)

    assert moves.count() > 60
    assert moves.filter(timestamp__lt=NOW - timedelta(weeks=2)).count() > 50
    assert not LogEntry.objects.filter(timestamp=None).exists()
    assert not LogEntry.objects.get_for_model(Touch).filter(timestamp__gt=NOW).exists()


def test_it_keeps_office_hours(demo):
    zone = demo.zone
    hours = {touch.occurred_at.astimezone(zone).hour for touch in Touch.objects.all()}
    sundays = [touch for touch in Touch.objects.all() if touch.occurred_at.astimezone(zone).weekday() == 6]

    assert min(hours) >= 6
    assert max(hours) <= 20
    assert not sundays


def test_it_gives_before_it_is_sent_anybody(demo):
    for referral in Referral.objects.all():
        assert referral.partner.touches.filter(is_give=True, occurred_at__lt=referral.received_at).count() >= 2


def test_it_has_something_for_today(demo):
    today = NOW.astimezone(demo.zone).date()

    assert FollowUp.objects.overdue(today).count() >= 2
    assert FollowUp.objects.due(today).count() >= 3
    assert FollowUp.objects.coming(today).count() >= 5
    assert 2 <= Partner.objects.gone_quiet(NOW).count() <= 4


def test_it_has_booked_a_meeting_and_goes_somewhere_every_week(demo):
    meeting, again = FollowUp.objects.open().get(is_meeting=True), FollowUp.objects.open().get(repeat_days=7)

    assert meeting.partner.rhythm.meeting_on == meeting.due_on
    assert meeting.partner.name == "Millrace Direct Primary Care"
    assert again.title == "Take the Saturday class at Anvil"


def test_it_owes_one_thank_you(demo):
    assert 12 <= Referral.objects.count() <= 20
    owed = Referral.objects.awaiting_thanks().get()
    assert (owed.channel, owed.referred_by) == ("page", None)
    assert owed.sender in {role.contact.first_name for role in owed.partner.roles.select_related("contact")}


def test_it_sent_people_too_and_told_physicians_what_it_may(demo):
    assert set(SentReferral.objects.values_list("state", flat=True)) == set(SentReferral.State.values)
    assert not SentReferral.objects.filter(sent_at__gt=NOW).exists()
    assert Disclosure.objects.exists()
    assert not Disclosure.objects.filter(at__gt=NOW).exists()
    assert Referral.objects.quarantined().count() == 1


def test_it_asked_most_people_for_their_consent(demo):
    contacts = Contact.objects.filter(roles__isnull=False)
    willing = consenting(contacts, purpose=Purpose.PARTNER).count()

    assert ConsentEvent.objects.filter(state="withdrawn").exists()
    assert willing < contacts.count() < 1.4 * willing


def test_it_writes_to_nobody_who_exists(demo):
    addresses = [
        *Contact.objects.with_email().values_list("email", flat=True),
        *User.objects.values_list("email", flat=True),
    ]
    addresses += Partner.objects.values_list("email", flat=True)

    assert [address for address in addresses if not re.search(loading.INVENTED, address)] == []
    assert not Contact.objects.exclude(phone="").exclude(phone__contains="555-01").exists()


def test_it_held_four_workshops_and_fills_four(demo):
    held, *before = Workshop.objects.filter(state="held").order_by("-starts_at")
    today, _tomorrow, nearly_full, full = Workshop.objects.coming()

    assert held.ends_at < NOW
    assert held.registrations.confirmed().count() == held.seats_taken > 5
    assert (today.is_door_open, today.seats_left, today.registrations.waiting().count()) == (True, 0, 1)
    assert nearly_full.seats_left == 1
    assert (full.seats_left, full.registrations.waiting().count()) == (0, 2)
    assert all(workshop.host for workshop in (held, nearly_full, full))
    outcome, usually = comparing.beside_history(held)
    assert (len(before), outcome.came, outcome.evaluations, usually["came"]) == (3, 7, 2, 9)
    assert (outcome.to_call, Lead.objects.get(registration__workshop=held).standing) == (1, "Answered")


def test_it_offers_a_seat_that_somebody_gave_back(demo):
    workshop = Workshop.objects.get(slug="warm-ups-for-trainers")
    offered, waiting = workshop.registrations.filter(state__in=["offered", "waiting"]).order_by("created_at")

    assert (offered.is_offered, offered.name, waiting.state) == (True, "Nadine Weiss", "waiting")
    assert workshop.registrations.filter(state="cancelled").count() == 1
    assert (workshop.seats_left, workshop.registrations.confirmed().count()) == (0, 4)
    assert Message.objects.get(dedupe_key__startswith=f"registration:{offered.pk}:offered").state == "handed_over"


@pytest.mark.parametrize("hour", [0, 8, 9, 12, 19, 20, 23])
def test_it_begins_tomorrows_while_a_seat_is_still_offered(hour):
    zone = ZoneInfo("America/Toronto")
    at = timezone.localtime(timezone=zone).replace(hour=hour, minute=59)

    begins = tomorrow.begins(Calendar(at, zone))

    assert OFFERED_UNTIL < begins - at <= AT_ONCE_UNTIL


def test_it_sent_one_letter_and_scheduled_another(demo):
    sent = Broadcast.objects.get(state="sending")
    scheduled = Broadcast.objects.get(state="scheduled")

    assert sent.state_words == "Sent"
    assert sent.recipients.filter(message__state="handed_over").count() >= 15
    assert "unsubscribed" in set(sent.recipients.values_list("skipped_because", flat=True))
    assert timedelta(days=5) < scheduled.send_at - NOW < timedelta(days=15)


def test_it_got_an_answer_and_an_absence_notice(demo):
    answer, notice = InboundMail.objects.order_by("-received_at")

    assert (answer.state, notice.state) == ("tray", "claimed")
    assert answer.contact == answer.answers.contact
    assert answer.outcome == "A reply to “What eleven sore shoulders told us”."
    assert NOW - timedelta(days=4) < answer.received_at < NOW


def test_it_has_a_site_and_answers_from_it(demo, client):
    for address in ("/", "/services/", "/for-partners/", "/contact/", "/workshops/"):
        assert client.get(address).status_code == 200
    assert "Ironpeak Strength" in client.get("/").content.decode()
    assert Lead.objects.filter(registration=None).count() == 5
    assert [lead.name for lead in Lead.objects.to_answer()] == ["Lena Hofstetter"]
    assert not Lead.objects.filter(created_at__gt=NOW).exists()


def test_it_sends_no_surprise_mail(demo):
    messages = Message.objects.all()

    assert messages.exists()
    assert not messages.filter(state="queued", not_before__lte=NOW + timedelta(days=2)).exists()
    assert set(messages.exclude(state="queued").values_list("state", flat=True)) <= {"handed_over", "skipped"}
    assert not messages.filter(state="handed_over").exclude(batch__transport="local").exists()
    assert not messages.filter(settled_at__gt=NOW).exists()
    assert not messages.filter(settled_at__gt=F("expires_at")).exists()


def what_it_begins_with() -> list[int]:
    return [model.objects.count() for model in (Plan, GiftLimit, Topic)]


@pytest.fixture(scope="module")
def reloaded(_demo, django_db_blocker):
    """What there was before the practice was loaded a second time; from here on the tests see that one."""
    with django_db_blocker.unblock():
        before = digest(), bytes(LinkKey.objects.get().key), what_it_begins_with()
        loading.reload(now=NOW)
    return before


def test_it_loads_the_same_practice_every_time(reloaded, demo):
    first, key, _ = reloaded

    assert digest() == first
    assert bytes(LinkKey.objects.get().key) == key


def test_it_keeps_what_an_installation_begins_with(reloaded, demo):
    _, _, before = reloaded

    assert what_it_begins_with() == before
    assert min(before) >= 3
