"""How many were invited: as somebody noted it, or counted from letters with the workshop's link; and which it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Audience, Broadcast, Letter, Recipient
from crm.mail.models import Content, Message
from crm.people.models import Contact
from tests.workshops.conftest import fill, make_workshop
from workshops import actions
from workshops.models import Workshop
from workshops.outcome import comparing
from workshops.outcome.counting import outcome_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(practice, quiet_gym) -> Workshop:
    """Over since yesterday, with two who registered."""
    workshop = make_workshop(host=quiet_gym, slug="knees")
    fill(workshop, "Ada", "Ben")
    then = timezone.now() - timedelta(days=1)
    Workshop.objects.update(starts_at=then, ends_at=then + timedelta(hours=1), state="held", door_closed_at=then)
    return Workshop.objects.get()


def write(*names: str, text: str = "Come: https://x.example/workshops/knees/", days_ago: int = 9, state="handed_over"):
    """A letter to these, that many days ago."""
    content = Content.objects.create(subject="Come", text=text)
    at = timezone.now() - timedelta(days=days_ago)
    broadcast = Broadcast.objects.create(
        letter=Letter.objects.create(name="Come", subject="Come"), audience=Audience.objects.create(name="All"),
        content=content, launched_at=at, state="sending",
    )  # fmt: skip
    for name in names:
        contact, _made = Contact.objects.get_or_create(email=f"{name}@example.com", defaults={"name": name})
        settled = None if state == "queued" else at
        message = Message.objects.create(
            dedupe_key=f"{broadcast.pk}:{name}", message_class="partner", contact=contact, to_email=contact.email,
            content=content, state=state, settled_at=settled,
        )  # fmt: skip
        Recipient.objects.create(broadcast=broadcast, contact=contact, message=message)


def said(workshop: Workshop) -> str:
    return comparing.sentences(outcome_of(workshop), {})[0]


def test_it_says_when_nobody_noted_it(held):
    assert outcome_of(held).invited is None
    assert said(held) == "Nobody noted how many were invited."


def test_it_counts_everybody_once_whom_a_letter_with_its_link_reached(held):
    write("ada", "cleo")
    write("ada", "dora", text="Sign up: https://x.example/w/knees/ABCD12")

    assert outcome_of(held).invited == 3
    assert said(held) == "3 people had a letter of yours with its link. Whom the host told, nobody noted."


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Come: https://x.example/workshops/knees-2/"},
        {"text": "News of the month."},
        {"days_ago": 0},
        {"days_ago": 200},
        {"state": "queued"},
        {"state": "skipped"},
    ],
)
def test_it_counts_no_other_letter(held, other):
    write("ada", **other)

    assert outcome_of(held).invited is None


def test_it_takes_the_number_that_was_noted_and_says_whose_it_is(held):
    write("ada")
    actions.note_invited(held, 80)

    assert outcome_of(held).invited == 80
    assert said(held) == "About 80 people were invited, as you noted it. 1 person had a letter of yours with its link."


def test_it_notes_it_on_the_kits_page(client, assistant, held):
    client.force_login(assistant)

    page = client.post(reverse("workshop_invited", args=[held.pk]), {"invited": "60"}, follow=True)

    assert Workshop.objects.get().invited == 60
    assert 'value="60"' in page.text


@pytest.mark.parametrize("typed", ["-1", "many", "100001"])
def test_it_keeps_what_was_noted_when_it_is_no_number(client, owner, held, typed):
    actions.note_invited(held, 60)
    client.force_login(owner)

    client.post(reverse("workshop_invited", args=[held.pk]), {"invited": typed})

    assert Workshop.objects.get().invited == 60


def test_it_needs_a_login_a_right_and_a_post(client, viewer, held):
    address = reverse("workshop_invited", args=[held.pk])
    assert client.post(address, {"invited": "60"}).status_code == 302
    client.force_login(viewer)
    client.post(address, {"invited": "60"})
    assert Workshop.objects.get().invited is None
    assert client.get(address).status_code in {302, 405}
    assert "Note it" not in client.get(reverse("workshop_kit", args=[held.pk])).text


def test_it_notes_it_when_looking_back(client, owner, held):
    client.force_login(owner)
    address = reverse("workshops:debrief", args=[held.pk])

    client.post(address, {"invited": "40", "then": "note"})

    assert Workshop.objects.get().invited == 40
    page = client.get(address).text
    assert 'name="invited" value="40"' in page
    assert "as you noted" in page


def test_it_begins_the_funnel_and_the_table_and_the_file(client, owner, held):
    actions.note_invited(held, 40)
    client.force_login(owner)

    page = client.get(reverse("workshops_brought")).text
    assert '<td data-label="Invited">40</td>' in page
    assert next(iter(comparing.MEASURES)).key == "invited"
    csv = client.get(f"{reverse('workshops_brought')}?export=csv").content.decode()
    assert "Invited" in csv.splitlines()[0]


def test_it_costs_one_query_more_for_any_number(held, django_assert_num_queries):
    from workshops.outcome.counting import outcomes

    write("ada")
    for number in range(12):
        make_workshop(slug=f"more-{number}", starts_at=held.starts_at)

    with django_assert_num_queries(4):
        outcomes(Workshop.objects.all())
