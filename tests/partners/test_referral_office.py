"""Referrals in the office: one tap when somebody was sent, one for each step, and a way back from each."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from crm.people.models import Contact
from partners import conversions
from partners.actions import receive_referral
from partners.models import Kind, Partner, Referral, Role, Stage
from partners.referrals_page import for_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(db) -> Partner:
    partner = Partner.objects.create(name="Still Water Yoga", kind=Kind.YOGA_STUDIO, stage=Stage.CONVERSATION)
    Role.objects.create(partner=partner, contact=Contact.objects.create(name="Sam Reed"), title="Owner")
    return partner


def undo_of(page) -> tuple[str, dict]:
    """The address and fields of the undo button in the last message."""
    body = page.content.decode()
    address, inside = re.findall(r'<form class="undo" method="post" action="([^"]+)">(.*?)</form>', body, re.DOTALL)[-1]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', inside))
    return address, {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"}


def test_it_notes_a_referral_with_one_tap_and_undoes_it(at_desk, studio):
    since = timezone.now() - timedelta(days=40)
    Partner.objects.filter(pk=studio.pk).update(stage_changed_at=since)
    page = at_desk.post(f"/admin/partners/{studio.pk}/referral/", follow=True)

    referral = Referral.objects.get()
    said = page.content.decode()
    assert f"{referral}</a>. They are at First referral now." in said
    address, fields = undo_of(page)

    at_desk.post(address, fields)
    studio.refresh_from_db()
    assert (Referral.objects.standing().count(), studio.stage) == (0, Stage.CONVERSATION)
    assert studio.stage_changed_at == since
    assert not studio.follow_ups.open().exists()


def test_it_notes_who_sent_them_with_one_more(at_desk, studio):
    sam = studio.roles.get().contact
    at_desk.post(f"/admin/partners/{studio.pk}/referral/")
    referral = Referral.objects.get()

    page = at_desk.post(f"/admin/referrals/{referral.pk}/who/", {"contact": sam.pk}, follow=True)
    referral.refresh_from_db()
    assert referral.referred_by == sam

    address, fields = undo_of(page)
    at_desk.post(address, fields)
    referral.refresh_from_db()
    assert referral.referred_by is None


def test_it_takes_no_stranger_for_the_sender(at_desk, studio, physician):
    referral = receive_referral(studio, by=None)
    ada = physician.roles.get().contact

    page = at_desk.post(f"/admin/referrals/{referral.pk}/who/", {"contact": ada.pk}, follow=True)

    assert "This person does not belong to the partner who sent somebody." in page.content.decode()


def test_it_says_so_when_they_had_been_turned_away(at_desk, studio):
    Partner.objects.filter(pk=studio.pk).update(stage=Stage.NOT_A_FIT, off_ramp_reason="Wants a share.")

    page = at_desk.post(f"/admin/partners/{studio.pk}/referral/", follow=True)

    assert (
        "You marked them as not a fit (Wants a share). A to do for today asks you to decide." in page.content.decode()
    )


def test_it_moves_with_a_tap_and_undoes_to_the_minute(at_desk, studio):
    referral = receive_referral(studio, by=None, received_at=timezone.now() - timedelta(days=9))
    day = timezone.localdate() - timedelta(days=3)
    at_desk.post(f"/admin/referrals/{referral.pk}/move/", {"to": "contacted", "on": day.isoformat()})
    referral.refresh_from_db()
    contacted_at = referral.contacted_at
    assert timezone.localdate(contacted_at) == day

    page = at_desk.post(f"/admin/referrals/{referral.pk}/move/", {"to": "received"}, follow=True)
    referral.refresh_from_db()
    assert referral.contacted_at is None

    address, fields = undo_of(page)
    at_desk.post(address, fields)
    referral.refresh_from_db()
    assert (referral.state, referral.contacted_at) == ("contacted", contacted_at)


def test_it_does_not_undo_what_somebody_moved_since(at_desk, studio):
    referral = receive_referral(studio, by=None)
    page = at_desk.post(f"/admin/referrals/{referral.pk}/move/", {"to": "contacted"}, follow=True)
    address, fields = undo_of(page)
    at_desk.post(f"/admin/referrals/{referral.pk}/move/", {"to": "scheduled"})

    said = at_desk.post(address, fields, follow=True).content.decode()

    assert "Somebody moved this referral in the meantime." in said
    referral.refresh_from_db()
    assert referral.state == "scheduled"


def test_it_takes_no_forged_past(at_desk, studio):
    one, other = receive_referral(studio, by=None), receive_referral(studio, by=None)
    page = at_desk.post(f"/admin/referrals/{one.pk}/move/", {"to": "contacted"}, follow=True)
    _address, fields = undo_of(page)

    for kept in (fields["kept"], "made up", ""):
        said = at_desk.post(f"/admin/referrals/{other.pk}/unmove/", {"kept": kept}, follow=True).content.decode()
        assert "can’t be undone from here" in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"to": "lost"}, "Say why it was lost."),
        ({"to": "nowhere"}, "Choose one of the steps"),
        ({"to": "contacted", "on": "2099-01-01"}, "A step has already been taken."),
        ({"to": "contacted", "on": "2001-01-01"}, "This day is before the step ahead of it."),
        ({"to": "contacted", "on": "soon"}, "Choose one of the steps"),
        ({"to": "lost", "lost_reason": "because"}, "Choose one of the steps"),
    ],
)
def test_it_says_what_to_mend(at_desk, studio, typed, said):
    referral = receive_referral(studio, by=None)

    page = at_desk.post(f"/admin/referrals/{referral.pk}/move/", typed, follow=True)

    assert said in page.content.decode()
    referral.refresh_from_db()
    assert referral.state == "received"


def test_it_shows_who_is_under_way_and_what_has_waited_too_long(at_desk, studio, physician):
    late = receive_referral(studio, by=None, received_at=timezone.now() - timedelta(days=20))
    doubtful = receive_referral(studio, by=None, is_quarantined=True, sender="Sam")
    seen = Referral.objects.get(partner=physician)
    at_desk.post(f"/admin/referrals/{seen.pk}/move/", {"to": "evaluated"})

    page = at_desk.get("/admin/referrals/under-way/").content.decode()

    assert "1 waiting too long" in page
    assert "No outcome yet" in page
    assert "Do these look right to you?" in page
    assert "tell Dr. Ada Okafor that they were seen" in page
    for referral in (late, doubtful, seen):
        assert str(referral) in page


def test_it_accepts_or_discards_what_looks_wrong(at_desk, studio):
    real, spam = (receive_referral(studio, by=None, is_quarantined=True) for _ in range(2))

    at_desk.post(f"/admin/referrals/{real.pk}/accept/")
    at_desk.post(f"/admin/referrals/{spam.pk}/take-back/")

    assert Referral.objects.standing().get() == real
    assert not Referral.objects.quarantined().exists()


def test_its_list_leaves_out_what_does_not_count(at_desk, studio):
    real = receive_referral(studio, by=None)
    doubtful = receive_referral(studio, by=None, is_quarantined=True)
    gone = receive_referral(studio, by=None)
    at_desk.post(f"/admin/referrals/{gone.pk}/take-back/")

    lists = {
        shown: at_desk.get(f"/admin/referrals/?shown={shown}").content.decode()
        for shown in ("", "doubtful", "taken_back")
    }

    for shown, referral in (("", real), ("doubtful", doubtful), ("taken_back", gone)):
        others = {real, doubtful, gone} - {referral}
        assert str(referral) in lists[shown]
        assert not [each for each in others if f">{each}<" in lists[shown].replace(" ", "").replace("\n", "")]


def test_it_is_taken_back_on_its_own_page(at_desk, studio):
    since, was = studio.stage_changed_at, studio.stage
    referral = receive_referral(studio, by=None)

    at_desk.post(f"/admin/referrals/{referral.pk}/take-back/")

    studio.refresh_from_db()
    assert not Referral.objects.standing().exists()
    assert (studio.stage, studio.stage_changed_at) == (was, since)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("waits=thanks", True), ("waits=step", True), ("waits=word", False), ("group=fitness", True), ("group=dpc", False),
        ("channel=in_person", True), ("channel=page", False), ("state=received", True), ("thanked=no", True),
    ],
)  # fmt: skip
def test_its_list_is_filtered(at_desk, studio, query, is_found):
    referral = receive_referral(studio, by=None, received_at=timezone.now() - timedelta(days=20))

    page = at_desk.get(f"/admin/referrals/?{query}").content.decode()

    assert (str(referral) in page) == is_found


def test_its_form_goes_through_the_same_verb(at_desk, studio):
    at_desk.post(
        "/admin/referrals/new/",
        {"partner": studio.pk, "channel": "phone", "service_line": "evaluation", "received_at": "2026-01-05 10:00"},
    )

    referral = Referral.objects.get()
    studio.refresh_from_db()
    assert (referral.channel, referral.service_line) == ("phone", "evaluation")
    assert studio.stage == Stage.FIRST_REFERRAL
    assert studio.follow_ups.open().count() == 4


def test_its_form_changes_neither_whose_it_is_nor_how_far_it_came(at_desk, studio, quiet_gym):
    referral = receive_referral(studio, by=None)

    at_desk.post(
        f"/admin/referrals/edit/{referral.pk}/",
        {"partner": quiet_gym.pk, "channel": "email", "received_at": "2026-01-05 10:00", "state": "completed"},
    )

    referral.refresh_from_db()
    assert (referral.partner, referral.channel, referral.state) == (studio, "email", "received")


def test_its_page_tells_its_whole_story(at_desk, owner, studio):
    sam = studio.roles.get().contact
    referral = receive_referral(studio, by=owner, sender="sam")
    page = at_desk.get(referral.get_absolute_url()).content.decode()
    assert "The page says “sam”." in page
    assert f'value="{sam.pk}" aria-label="Sam Reed sent {referral}"' in page
    assert "tap-likely" in page

    at_desk.post(f"/admin/referrals/{referral.pk}/who/", {"contact": sam.pk})
    at_desk.post(f"/admin/referrals/{referral.pk}/move/", {"to": "lost", "lost_reason": "price"})
    page = at_desk.get(referral.get_absolute_url()).content.decode()

    assert "State: Received → Lost" in page
    assert "Who sent them: nobody said → Sam Reed" in page
    assert "The price" in page


def test_its_section_counts_all_and_shows_the_newest(at_desk, owner, studio):
    for days in range(1, 8):
        receive_referral(studio, by=owner, received_at=timezone.now() - timedelta(days=40 * days))
    Referral.objects.filter(received_at__lt=timezone.now() - timedelta(days=200)).update(
        state="evaluated", evaluated_at=timezone.now() - timedelta(days=199)
    )

    shown = for_page(studio, owner)

    assert len(shown["referrals"]) == 5
    assert (shown["referrals_more"], shown["may_be_told"]) == (2, "7")
    assert shown["referral_sums"] == conversions.of_partner(studio)
    assert shown["referral_sums"].ever == conversions.Share(3, 7)


def test_its_section_begins_empty(at_desk, owner, studio):
    shown = for_page(studio, owner)

    assert (shown["referrals"], shown["sent"], shown["may_be_told"]) == ([], [], "")
    assert "They have sent nobody yet." in at_desk.get(studio.get_absolute_url()).content.decode()


def test_its_card_and_code_lead_to_the_page(at_desk, practice, studio):
    Partner.objects.filter(pk=studio.pk).update(name="Still <b>Water</b>")

    for size in ("a6", "a5", "poster"):
        card = at_desk.get(f"/admin/partners/{studio.pk}/card/?size={size}").content.decode()
        assert f"/refer/{studio.code}/" in card
        assert "<b>Water" not in card
    code = at_desk.get(f"/admin/partners/{studio.pk}/card/code.svg")
    assert code["Content-Type"] == "image/svg+xml"
    assert code.content.startswith(b"<svg")


@pytest.mark.parametrize(
    "address",
    [
        "partners/{partner}/referral/", "referrals/{pk}/move/", "referrals/{pk}/unmove/", "referrals/{pk}/who/",
        "referrals/{pk}/accept/", "referrals/{pk}/take-back/", "referrals/{pk}/put-back/", "referrals/{pk}/tell/",
        "referrals/{pk}/untell/", "referrals/{pk}/permit/", "partners/{partner}/send/",
    ],
)  # fmt: skip
def test_its_buttons_need_a_login_permission_and_a_tap(client, viewer, owner, studio, address):
    referral = receive_referral(studio, by=None)
    before = Referral.objects.values().get()
    url = "/admin/" + address.format(partner=studio.pk, pk=referral.pk)
    assert client.post(url).url.startswith("/admin/login/")

    client.force_login(viewer)
    assert client.post(url, {"to": "contacted", "word": "thanks_only"}).status_code == 302
    assert Referral.objects.values().get() == before

    client.force_login(owner)
    assert client.get(url).status_code == 405


@pytest.mark.parametrize(
    "address", ["referrals/under-way/", "partners/{partner}/card/", "partners/{partner}/card/code.svg"]
)
def test_its_pages_need_a_login(client, studio, address):
    assert client.get("/admin/" + address.format(partner=studio.pk)).url.startswith("/admin/login/")
