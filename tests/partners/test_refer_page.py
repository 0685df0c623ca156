from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from crm.people.guard import new_stamp
from partners.models import Partner, Referral, Stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(practice, quiet_gym) -> str:
    return f"/refer/{quiet_gym.code}/"


def filled(**typed) -> dict:
    """What a person sends who opened the page a minute ago."""
    with time_machine.travel(timezone.now() - timedelta(minutes=1), tick=False):
        return {"shown_at": new_stamp(), "once": str(uuid4()), "sender": "", "website": "", **typed}


def test_it_says_what_the_practice_does_and_how_to_send_somebody(client, practice, address):
    practice.phone = "613 555 0100"
    practice.save()

    response = client.get(address)

    page = response.content.decode()
    for words in ("Ironworks Gym", "Know somebody we could help?", "Ask them first.", "613 555 0100", "Harbour Physio"):
        assert words in page
    assert "unsafe-inline" not in response["Content-Security-Policy"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"].startswith("max-age=0")


def test_it_changes_nothing_when_it_is_looked_at(client, address):
    for ending in ("", "thanks/"):
        assert client.get(address + ending).status_code == 200

    assert not Referral.objects.exists()


def test_it_names_nobody_of_theirs(client, practice, physician):
    page = client.get(f"/refer/{physician.code}/").content.decode()

    assert "Ada" not in page


def test_it_takes_note_and_thanks(client, address, quiet_gym):
    response = client.post(address, filled(), follow=True)

    referral = Referral.objects.get()
    assert (referral.partner, referral.channel, referral.by) == (quiet_gym, "page", None)
    assert not referral.is_quarantined
    assert response.redirect_chain == [(f"{address}thanks/", 302)]
    assert "Thank you for thinking of us." in response.content.decode()


def test_it_counts_a_form_sent_twice_once(client, address):
    form = filled()

    answers = [client.post(address, form).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert Referral.objects.count() == 1


def test_it_counts_two_people_twice(client, address):
    for _ in range(2):
        client.post(address, filled())

    assert Referral.objects.count() == 2


def test_it_keeps_who_says_so_for_the_owner_to_match(client, practice, physician):
    before = Referral.objects.count()

    client.post(f"/refer/{physician.code}/", filled(sender="Ada"))

    referral = Referral.objects.first()
    assert (Referral.objects.count(), referral.sender, referral.referred_by) == (before + 1, "Ada", None)


@pytest.mark.parametrize(
    "typed",
    ["Jane Doe, knee pain", "jane@example.com", "613 555 0142", "Jane has a bad back", "http://spam", "J. 1980"],
)
def test_it_keeps_nothing_that_may_be_about_somebody(client, address, typed):
    response = client.post(address, filled(sender=typed))

    assert response.status_code == 422
    assert "Please write your own first name and nothing else" in response.content.decode()
    assert not Referral.objects.exists()


@pytest.mark.parametrize("typed", ["Mike", "Coach Mike", "Marie-Ève", "O’Brien", "Mike T."])
def test_it_takes_a_first_name(client, address, typed):
    client.post(address, filled(sender=typed))

    assert Referral.objects.get().sender == typed


@pytest.mark.parametrize("put_away", [True, False])
def test_it_answers_alike_for_codes_that_are_gone_and_that_never_were(client, practice, quiet_gym, put_away):
    code = quiet_gym.code if put_away else "ZZZZZZZZ"
    Partner.objects.filter(pk=quiet_gym.pk).update(archived_at=timezone.now())

    for response in (client.get(f"/refer/{code}/"), client.post(f"/refer/{code}/", filled())):
        assert response.status_code == 404
        assert "Ironworks" not in response.content.decode()
    assert not Referral.objects.exists()


def test_it_leads_the_card_of_a_merged_record_to_the_one_that_stayed(client, address, quiet_gym):
    gone = Partner.objects.create(name="Iron Works", archived_at=timezone.now(), merged_into=quiet_gym)

    client.post(f"/refer/{gone.code}/", filled())

    assert Referral.objects.get().partner == quiet_gym


def test_it_reads_a_code_that_was_typed_in_small_letters(client, address):
    assert client.get(address.lower()).status_code == 200


def test_it_sets_aside_what_fell_into_the_trap(client, address):
    response = client.post(address, filled(website="https://spam.example"))

    assert response.status_code == 302
    assert Referral.objects.get().is_quarantined


def test_it_sets_aside_what_no_person_could_press_so_fast(client, address):
    response = client.post(address, {"shown_at": new_stamp(), "once": str(uuid4())})

    assert response.status_code == 302
    assert Referral.objects.get().is_quarantined


def test_it_sets_aside_more_than_a_person_sends_in_ten_minutes_and_then_keeps_no_more(client, address):
    answers = [client.post(address, filled()).status_code for _ in range(21)]

    assert answers == [302] * 20 + [422]
    assert Referral.objects.standing().count() == 3
    assert Referral.objects.quarantined().count() == 17


def test_it_asks_to_send_once_more_what_lay_open_for_long(client, address):
    form = filled()
    client.post(address, form)

    with time_machine.travel(timezone.now() + timedelta(hours=5)):
        response = client.post(address, form)

    page = response.content.decode()
    assert response.status_code == 422
    assert "This page was open for a long time. Please send the form once more." in page
    assert form["once"] not in page


def test_it_takes_a_referral_from_who_was_turned_away(client, address, quiet_gym):
    Partner.objects.filter(pk=quiet_gym.pk).update(stage=Stage.NOT_A_FIT, off_ramp_reason="Wants a share")

    response = client.post(address, filled(), follow=True)

    assert "Thank you for thinking of us." in response.content.decode()
    assert quiet_gym.follow_ups.filter(title__startswith="Decide about Ironworks Gym").exists()


def test_it_is_kept_out_of_search_engines(client, address):
    assert "Disallow: /refer/" in client.get("/robots.txt").content.decode()
    assert "/refer/" not in client.get("/sitemap.xml").content.decode()


def test_it_refuses_other_methods(client, address):
    assert client.delete(address).status_code == 405
    assert client.post(f"{address}thanks/").status_code == 405
