"""The list of gifts, the form, one gift, the limits, and the card on the partner's page."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from crm.people.models import PracticeProfile
from partners import giving, timeline
from partners.actions import give
from partners.gift_forms import CentsField
from partners.models import Gift, GiftLimit

pytestmark = pytest.mark.django_db


def form(to=None, **more) -> dict:
    typed = {
        "recipient": "partner",
        "partner": to.pk if to else "",
        "contact": "",
        "what": "A basket of fruit",
        "purpose": "Thanks for lending the room",
        "value_cents": "20",
        "given_on": timezone.localdate().isoformat(),
        "override_reason": "",
    }
    return {**typed, **more}


def fruit(partner, **more) -> Gift:
    facts = {"recipient": "licensed", "what": "Fruit", "purpose": "Thanks", "value_cents": 2000, "by": None}
    return give(partner=partner, **{**facts, "given_on": timezone.localdate(), **more})


def test_it_logs_a_gift_with_a_way_back(at_desk, owner, physician):
    response = at_desk.post(reverse("gifts:add"), form(physician, value_cents="$12.50"), follow=True)

    gift = Gift.objects.get()
    assert (gift.value_cents, gift.recipient, gift.by) == (1250, "licensed", owner)
    assert response.redirect_chain[-1][0] == physician.get_absolute_url()
    assert reverse("take_back_gift", args=[gift.pk]) in response.content.decode()


def test_it_keeps_what_was_typed_and_asks_why(at_desk, physician):
    typed = form(physician, value_cents="80", what="A very large basket")

    page = at_desk.post(reverse("gifts:add"), typed).content.decode()

    assert "This is more than $50 for one gift." in page
    assert "A very large basket" in page
    assert not Gift.objects.exists()
    at_desk.post(reverse("gifts:add"), {**typed, "override_reason": "Ten years together"})
    assert Gift.objects.get().override_reason == "Ten years together"


def test_it_stops_with_a_sentence(at_desk, physician):
    page = at_desk.post(reverse("gifts:add"), form(physician, value_cents="600", override_reason="Please")).content

    assert "Nothing overrides this limit." in page.decode()
    assert not Gift.objects.exists()


@pytest.mark.parametrize("recipient", ["partner", "licensed", "patient"])
def test_it_takes_no_cash_for_a_physician_whatever_is_ticked(at_desk, physician, recipient):
    typed = form(physician, recipient=recipient, is_cash_like="on", override_reason="Please")

    assert at_desk.post(reverse("gifts:add"), typed).status_code == 200
    assert not Gift.objects.exists()


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("12.50", 1250), ("$ 12.5", 1250), ("12", 1200), ("1,250.05", 125005), (".5", None), ("12,50", None), ("a lot", None), ("-5", None)],
)  # fmt: skip
def test_it_reads_dollars(typed, cents):
    field = CentsField()

    if cents is None:
        with pytest.raises(Exception, match=r"like 12\.50"):
            field.clean(typed)
    else:
        assert field.clean(typed) == cents


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"value_cents": "much"}, "Write the amount in dollars and cents, like 12.50."),
        ({"value_cents": "0"}, "A card or a word of thanks is a touch, not a gift."),
        ({"given_on": "2099-01-01"}, "Choose a day gone by."),
        ({"partner": ""}, "Say who it is for"),
        ({"purpose": ""}, "This field is required."),
        ({"recipient": "patient"}, "A patient is not named here"),
    ],
)
def test_it_says_what_is_wrong(at_desk, quiet_gym, wrong, sentence):
    page = at_desk.post(reverse("gifts:add"), form(quiet_gym, **wrong)).content.decode()

    assert escape(sentence) in page
    assert not Gift.objects.exists()


def test_it_asks_once_about_words_that_name_a_patient(at_desk, quiet_gym):
    typed = form(quiet_gym, purpose="Thanks for Jane Doe's knee")

    page = at_desk.post(reverse("gifts:add"), typed)
    assert "looks as if it named a patient" in page.content.decode()

    mark = re.search(r'name="identity_ok" value="(\w+)"', page.content.decode())[1]
    at_desk.post(reverse("gifts:add"), {**typed, "identity_ok": mark})
    assert Gift.objects.count() == 1


def test_it_logs_a_form_sent_twice_once(at_desk, quiet_gym):
    page = at_desk.get(reverse("gifts:add"))
    typed = form(quiet_gym, once=str(page.context["form"]["once"].value()))

    at_desk.post(reverse("gifts:add"), typed)
    at_desk.post(reverse("gifts:add"), typed)

    assert Gift.objects.count() == 1


def test_it_begins_with_the_partner_and_what_they_are(at_desk, physician):
    page = at_desk.get(f"{reverse('gifts:add')}?partner={physician.pk}")

    assert (page.context["form"].instance.partner, page.context["form"].instance.recipient) == (physician, "licensed")


def test_it_is_logged_again_corrected(at_desk, physician):
    page = at_desk.get(f"{reverse('gifts:add')}?again={fruit(physician).pk}")

    assert page.context["form"]["value_cents"].value() == "20.00"


@pytest.mark.parametrize(
    ("region", "law"),
    [("CA", "650"), ("california", "650"), ("TX", "102.001"), ("Florida", "817.505"), ("Fla.", "817.505")],
)
def test_it_warns_where_the_state_is_stricter(at_desk, practice, region, law):
    practice.region, practice.country = region, "US"
    practice.save()

    page = at_desk.get(reverse("gifts:add")).content.decode()

    assert law in page
    assert "no safe harbour" in page


@pytest.mark.parametrize("region", ["ON", "NY", ""])
def test_it_says_nothing_of_states_elsewhere(region):
    assert giving.state_notice(PracticeProfile(region=region)) == ""


def test_it_says_where_its_limits_are_from(at_desk):
    GiftLimit.objects.filter(year=timezone.localdate().year).delete()

    page = at_desk.get(reverse("gifts:add")).content.decode()

    assert "Nobody has written down the limits of" in page
    assert "cms.gov" in page


def test_it_shows_one_gift_and_takes_it_back(at_desk, physician):
    gift = fruit(physician)
    assert "Fruit" in at_desk.get(reverse("gifts:inspect", args=[gift.pk])).content.decode()

    page = at_desk.post(reverse("take_back_gift", args=[gift.pk]), follow=True).content.decode()
    gift.refresh_from_db()
    assert gift.taken_back_at
    assert "Log it again, corrected" in page
    assert gift not in at_desk.get(reverse("gifts:index")).context["object_list"]

    at_desk.post(reverse("put_back_gift", args=[gift.pk]))
    gift.refresh_from_db()
    assert gift.taken_back_at is None


def test_it_writes_a_file_for_the_year(at_desk, physician, quiet_gym):
    year = timezone.localdate().year
    fruit(physician, what="=Fruit", value_cents=1250)
    fruit(quiet_gym, recipient="partner", given_on=date(year - 1, 6, 1))

    response = at_desk.get(f"{reverse('gifts:index')}?year={year}&export=csv")
    head, *rows = csv.reader(io.StringIO(b"".join(response.streaming_content).decode()))

    assert "Worth, in dollars" in head
    assert len(rows) == 1
    assert rows[0][head.index("Worth, in dollars")] == "12.50"
    assert "'=Fruit" in rows[0]


@pytest.mark.parametrize("name", ["gifts:add", "gifts:index", "gift_limits:index"])
def test_it_needs_a_login(client, name):
    assert client.get(reverse(name)).status_code == 302


@pytest.mark.parametrize("name", ["take_back_gift", "put_back_gift"])
def test_its_buttons_are_guarded(client, at_desk, viewer, physician, name):
    address = reverse(name, args=[fruit(physician).pk])

    assert at_desk.get(address).status_code == 405
    client.force_login(viewer)
    assert client.post(address).status_code == 302
    assert Gift.objects.get().taken_back_at is None


def test_a_viewer_looks_and_logs_nothing(client, viewer, physician):
    gift = fruit(physician)
    client.force_login(viewer)

    assert client.get(reverse("gifts:index")).status_code == 200
    assert client.get(reverse("gifts:inspect", args=[gift.pk])).status_code == 200
    assert client.get(reverse("gifts:add")).status_code == 302


def test_only_the_owner_writes_limits(client, assistant):
    client.force_login(assistant)

    assert client.get(reverse("gift_limits:index")).status_code == 302
    assert client.get(reverse("gifts:add")).status_code == 200


def test_the_owner_writes_next_years_limits(at_desk):
    typed = {
        "year": "2027", "licensed_item_cents": "50", "licensed_year_cents": "150", "licensed_stop_cents": "550.00",
        "patient_item_cents": "15", "patient_year_cents": "75", "source": "CMS, read today",
    }  # fmt: skip

    at_desk.post(reverse("gift_limits:add"), {**typed, "source": ""})
    at_desk.post(reverse("gift_limits:add"), {**typed, "licensed_stop_cents": "100"})
    assert not GiftLimit.objects.filter(year=2027).exists()

    at_desk.post(reverse("gift_limits:add"), typed)
    assert GiftLimit.objects.get(year=2027).licensed_stop_cents == 55_000


def test_the_partners_page_shows_the_years_total_beside_its_limits(physician, owner):
    front_desk = physician.roles.get().contact
    fruit(physician, value_cents=5000)
    fruit(None, contact=front_desk, value_cents=5000)

    shown = giving.for_page(physician, owner)

    assert (shown["gifts_bar"].total, len(shown["gifts"]), shown["gifts_bar"].is_over_warning) == (10_000, 2, False)
    assert shown["gifts_bar"].percent == 19
    assert shown["gifts_bar"].sentence == "$100 of $150, then a reason is asked. The stop is $535."


def test_a_gym_has_gifts_and_no_bar(quiet_gym, owner):
    fruit(quiet_gym, recipient="partner")

    shown = giving.for_page(quiet_gym, owner)

    assert (shown["gifts_bar"], shown["gifts_total"]) == (None, 2000)


def test_it_stands_in_the_timeline(physician):
    fruit(physician)

    entry = next(entry for entry in timeline.page_of(physician, timeline.Wanted())[0] if entry.sort == "gift")
    assert (entry.title, entry.text, entry.tags) == ("Gave: Fruit", "Thanks", ["$20.00"])


def test_the_card_can_be_drawn(physician, owner):
    from django.template.loader import render_to_string

    request = RequestFactory().get("/")
    request.user = owner
    fruit(physician, value_cents=20_000, override_reason="A farewell")

    card = render_to_string(
        "partners/page/_gifts.html", {**giving.for_page(physician, owner), "partner": physician}, request=request
    )

    assert "$200 of $535. $335 is left before the stop." in card
    assert "is-over" in card


def test_it_ships_the_figures_for_patients_and_says_who_counts_the_year(at_desk):
    """15 dollars an item is refused above; 75 a year cannot be counted here, as no patient is named, and it says so."""
    row = GiftLimit.objects.get(year=2026)
    assert (row.patient_item_cents, row.patient_year_cents) == (1_500, 7_500)

    page = at_desk.get(f"{reverse('gifts:add')}?recipient=patient").content.decode()

    assert "75" in page
    assert "keep each patient’s count" in page
