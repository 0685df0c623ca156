import pytest
from django.utils import timezone

from content.forms import NEWS_WORDING
from content.models import Lead
from crm.mail.models import Message, MessageClass
from crm.people.actions import may_write
from crm.people.guard import new_stamp
from crm.people.models import ConsentEvent, Contact, Purpose
from partners.models import FollowUp

pytestmark = pytest.mark.django_db
URL = "/runners/"


def test_it_turns_an_answer_into_a_lead(client, landing_page, answer):
    response = client.post(URL, answer)

    assert response.status_code == 302
    assert response["Location"] == "/runners/thanks/"
    lead = Lead.objects.get()
    assert lead.page_id == landing_page.pk
    assert (lead.name, lead.email, lead.phone) == ("Jo Park", "jo@example.com", "613 555 0199")
    assert (lead.message, lead.heard_from) == ("Run ten kilometres again.", "Canal Runners")
    assert lead.contact == Contact.objects.get(email="jo@example.com")


def test_it_promises_an_answer_today(client, landing_page, answer, practice):
    client.post(URL, answer)

    follow_up = FollowUp.objects.get()
    assert follow_up.title == "Answer Jo Park (Free movement screen for runners)"
    assert follow_up.due_on == timezone.localdate(timezone=practice.zone)
    assert follow_up.contact.email == "jo@example.com"
    assert Lead.objects.get().follow_up == follow_up


def test_it_confirms_to_the_person_and_tells_the_practice(client, landing_page, answer, practice):
    client.post(URL, answer)

    found = {message.to_email: message for message in Message.objects.select_related("content")}
    assert set(found) == {"jo@example.com", practice.email}
    assert found["jo@example.com"].message_class == MessageClass.TRANSACTIONAL
    assert found[practice.email].message_class == MessageClass.SYSTEM
    assert found[practice.email].content.subject == "Jo Park wrote to you"
    assert "Run ten kilometres again." in found[practice.email].content.text


def test_it_takes_no_consent_by_default(client, landing_page, answer):
    client.post(URL, answer)

    assert not ConsentEvent.objects.exists()
    assert "checked" not in client.get(URL).content.decode()


def test_it_records_consent_with_its_wording(client, landing_page, answer):
    client.post(URL, answer | {"wants_news": "on"})

    consent = ConsentEvent.objects.get()
    assert consent.purpose == Purpose.NEWS
    assert NEWS_WORDING in consent.evidence
    assert may_write(consent.contact, purpose=Purpose.NEWS)


def test_it_keeps_one_lead_when_sent_twice(client, landing_page, answer):
    client.post(URL, answer)
    response = client.post(URL, answer)

    assert response.status_code == 302
    assert Lead.objects.count() == FollowUp.objects.count() == 1
    assert Message.objects.count() == 2


def test_it_keeps_a_second_question_of_the_same_person(client, landing_page, answer):
    client.post(URL, answer)
    client.post(URL, answer | {"message": "And could my sister come along?"})

    assert Lead.objects.count() == 2
    assert Contact.objects.filter(email="jo@example.com").count() == 1


def test_it_keeps_what_was_typed_when_something_is_missing(client, landing_page, answer):
    response = client.post(URL, answer | {"email": "jo at example"})

    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in page
    assert "It needs an @ and an ending such as .com." in page
    assert 'value="jo at example"' in page
    assert "Run ten kilometres again.</textarea>" in page
    assert 'aria-invalid="true"' in page
    assert not Lead.objects.exists()


def test_it_thanks_a_machine_and_keeps_nothing(client, landing_page, answer):
    response = client.post(URL, answer | {"website": "https://spam.example"})

    assert response["Location"] == "/runners/thanks/"
    assert not Lead.objects.exists()
    assert not Contact.objects.filter(email="jo@example.com").exists()


def test_it_asks_again_when_sent_too_fast(client, landing_page, answer):
    response = client.post(URL, answer | {"shown_at": new_stamp()})

    assert response.status_code == 422
    assert "quicker than anybody can type" in response.content.decode()
    assert not Lead.objects.exists()


def test_it_fills_no_place_from_what_was_typed(client, landing_page, answer, practice):
    client.post(URL, answer | {"message": "[[unsubscribe_url]]"})

    told = Message.objects.select_related("content").get(to_email=practice.email)
    assert "[[unsubscribe_url]]" not in told.content.text


def test_it_says_thank_you_on_a_page_of_its_own(client, landing_page):
    page = client.get("/runners/thanks/").content.decode()

    assert landing_page.thanks_heading in page
    assert '<meta name="robots" content="noindex">' in page


def test_it_refuses_an_answer_to_the_thank_you(client, landing_page, answer):
    assert client.post("/runners/thanks/", answer).status_code == 405


def test_it_takes_answers_on_other_pages_too(client, site, answer):
    response = client.post("/contact/", answer)

    assert response["Location"] == "/contact/thanks/"
    assert Lead.objects.get().page.slug == "contact"


def test_it_refuses_an_answer_where_there_is_no_form(client, site, answer):
    assert client.post("/about/", answer).status_code == 405
    assert client.get("/about/thanks/").status_code == 404
