"""What looks wrong is not refused: the same thanks, no seat, no letter, and somebody looks at it."""

import pytest
from django.core import signing
from django.utils import timezone

from crm.mail import reach
from crm.mail.models import Message
from crm.people import guard
from crm.people.models import Contact
from tests.fakes.dns import FakeDns
from tests.workshops.conftest import fill, make_workshop
from tests.workshops.test_public_pages import typed
from workshops.models import Registration, Workshop
from workshops.views import pages

pytestmark = pytest.mark.django_db


def shown(seconds_ago: int) -> str:
    signer = signing.TimestampSigner(salt=guard.SALT)
    moment = int(timezone.now().timestamp()) - seconds_ago
    signer.timestamp = lambda: signing.b62_encode(moment)
    return signer.sign("shown")


@pytest.mark.parametrize(
    ("sent", "doubt"),
    [
        ({"website": "https://spam.example"}, "Something filled in the field that people never see."),
        ({"shown_at": ""}, "It came without the page having been opened within the last day."),
        ({"shown_at": "made up"}, "It came without the page having been opened within the last day."),
        ({"name": "Win https://spam.example"}, "The name holds a web address."),
        ({"email": "x@mailinator.com"}, "The address is from a throw-away mailbox."),
        ({"phone": "www.spam.example"}, "There is a web address among the answers."),
        ({"with-1-name": "http://spam.example"}, "The name holds a web address."),
    ],
)
def test_it_says_in_words_what_it_doubts(client, workshop, sent, doubt):
    client.post(workshop.get_absolute_url(), typed(**sent))

    assert {row.doubt for row in Registration.objects.all()} == {doubt}
    assert {row.state for row in Registration.objects.all()} == {Registration.State.QUARANTINED}


def test_it_doubts_who_is_quicker_than_anybody_can_type(client, workshop):
    client.post(workshop.get_absolute_url(), typed(shown_at=guard.new_stamp()))

    assert Registration.objects.get().doubt == "It came quicker than anybody can type."


def test_it_thanks_a_machine_as_it_thanks_anybody(client, workshop):
    real = client.post(workshop.get_absolute_url(), typed(email="real@example.com"), follow=True)
    machine = client.post(workshop.get_absolute_url(), typed(website="https://spam.example"), follow=True)

    assert machine.redirect_chain == real.redirect_chain
    assert machine.text == real.text


def test_it_gives_no_seat_and_writes_to_nobody(client, workshop):
    client.post(workshop.get_absolute_url(), typed(website="x", wants_news="on"))

    assert Workshop.objects.get().seats_taken == 0
    assert not Message.objects.exists()
    contact = Contact.objects.get(email="ada@example.com")
    assert contact.archived_at
    assert not contact.consents.exists()


def test_it_forgives_a_page_that_was_open_all_day(client, workshop):
    client.post(workshop.get_absolute_url(), typed(shown_at=shown(20 * 3600)))

    assert Registration.objects.get().has_seat


def test_it_keeps_one_of_what_is_sent_again_and_again(client, workshop):
    for _ in range(3):
        client.post(workshop.get_absolute_url(), typed(website="x"))

    assert Registration.objects.count() == 1


def test_it_leaves_somebody_alone_who_is_registered_already(client, workshop):
    (ada,) = fill(workshop, "Ada")

    client.post(workshop.get_absolute_url(), typed(website="x", email=ada.email, name="Eve", phone="1"))

    assert list(Registration.objects.values_list("name", "state")) == [("Ada", "confirmed")]
    assert Message.objects.count() == 1
    assert Contact.objects.get(email=ada.email).phone == ""


def test_it_doubts_a_flood_from_one_network_and_not_a_full_room(client, practice, monkeypatch):
    monkeypatch.setattr(guard, "PER_NETWORK", 3)
    workshop = make_workshop(capacity=20)

    for number in range(5):
        client.post(workshop.get_absolute_url(), typed(email=f"p{number}@example.com"), REMOTE_ADDR="203.0.113.9")

    states = list(Registration.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["confirmed"] * 3 + ["quarantined"] * 2
    assert "Too many came from one place" in Registration.objects.order_by("pk").last().doubt


def test_it_keeps_only_so_much_of_a_flood(client, workshop, monkeypatch):
    monkeypatch.setattr(pages, "MOST_DOUBTFUL", 2)

    answers = {
        client.post(workshop.get_absolute_url(), typed(website="x", email=f"p{n}@example.com")).url for n in range(4)
    }

    assert Registration.objects.count() == 2
    assert len(answers) == 1


def test_it_doubts_an_address_that_no_mail_can_reach(client, workshop, settings, monkeypatch):
    monkeypatch.setattr(reach, "memory", reach.Memory())
    with FakeDns() as fake:
        settings.DNS_SERVER, settings.ASK_MAIL_DOMAINS = fake.address, True
        fake.records["real.example", "MX"] = ["10 mx.real.example."]
        for email in ("ada@real.example", "ben@gone.example"):
            client.post(workshop.get_absolute_url(), typed(email=email))

    rows = Registration.objects.order_by("pk").values_list("state", "doubt")
    assert list(rows) == [("confirmed", ""), ("quarantined", "No mail can reach gone.example.")]


def test_it_asks_the_dns_only_about_who_looks_well(client, workshop, settings, monkeypatch):
    monkeypatch.setattr(reach, "memory", reach.Memory())
    with FakeDns() as fake:
        settings.DNS_SERVER, settings.ASK_MAIL_DOMAINS = fake.address, True
        client.post(workshop.get_absolute_url(), typed(website="x", email="ada@gone.example"))

    assert fake.asked == []
