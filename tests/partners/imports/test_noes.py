"""A list that says who wants no letters is believed; a list that says who does is not enough."""

import pytest

from crm.people.actions import may_write, record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from partners.actions import merge_contacts
from partners.imports import actions, headers
from partners.imports.reading import read
from partners.models import Kind, Partner, Role

pytestmark = pytest.mark.django_db
HEAD = "Company,Contact,Contact e-mail"
CARDS = "They gave me their cards."


def word(email: str, purpose: Purpose = Purpose.PARTNER) -> str:
    last = ConsentEvent.objects.filter(contact__email=email, purpose=purpose).first()
    return last.state if last else ""


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Unsubscribed", "no_letters"), ("Has Opted Out of Email", "no_letters"), ("do_not_contact", "no_letters"),
        ("Consent", "may_write"), ("Newsletter", "may_write"), ("OptIn", "may_write"),
    ],
)  # fmt: skip
def test_it_knows_the_column(heading, field):
    table = read(f"{HEAD},{heading}\nIronworks,Dana,dana@iw.example,no\n".encode())

    assert headers.guess(table)[heading] == field


@pytest.mark.parametrize(
    ("heading", "cell", "is_no"),
    [
        ("Unsubscribed", "yes", True), ("Unsubscribed", "2026-03-04", True), ("Unsubscribed", "no", False),
        ("Unsubscribed", "", False), ("Unsubscribed", "0", False), ("Consent", "no", True), ("Consent", "NON", True),
        ("Consent", "perhaps", True), ("Consent", "yes", False), ("Consent", "", False), ("Consent", "n/a", False),
    ],
)  # fmt: skip
def test_it_keeps_a_no_and_what_is_no_clear_yes(imported, heading, cell, is_no):
    batch = imported(f"{HEAD},{heading}\nIronworks,Dana,dana@iw.example,{cell}\n", consent=CARDS)

    assert [word("dana@iw.example", purpose) == "withdrawn" for purpose in (Purpose.PARTNER, Purpose.NEWS)] == [
        is_no
    ] * 2
    assert word("dana@iw.example") == ("withdrawn" if is_no else "implied")
    assert ("says no to letters: that is kept." in batch.rows.get().reason) is is_no


def test_it_takes_no_yes_from_a_list_alone(imported):
    imported(f"{HEAD},Consent\nIronworks,Dana,dana@iw.example,yes\n")

    assert word("dana@iw.example") == ""


def test_it_keeps_the_no_of_somebody_we_know_whatever_becomes_of_the_row(imported, owner):
    gym = Partner.objects.create(name="Ironworks", kind=Kind.GYM)
    dana = Contact.objects.create(name="Dana", email="dana@iw.example")
    Role.objects.create(partner=gym, contact=dana)
    record_consent(dana, purpose=Purpose.PARTNER, state=ConsentEvent.State.GRANTED, source="in person")

    batch = imported(f"{HEAD},Opt out\nIronworks,Dana,DANA@iw.example,x\n", filename="old.csv")

    assert batch.rows.get().fate == "unchanged"
    assert not may_write(dana, purpose=Purpose.PARTNER)
    assert dana.consents.first().evidence == "The list “old.csv” says so."


def test_it_never_clears_a_no_and_says_it_once(imported):
    dana = Contact.objects.create(name="Dana", email="dana@iw.example")
    record_consent(dana, purpose=Purpose.PARTNER, state=ConsentEvent.State.WITHDRAWN, source="in person")
    imported(f"{HEAD},Unsubscribed\nIronworks,Dana,dana@iw.example,no\n", consent=CARDS)
    assert word("dana@iw.example") == "withdrawn"

    for name in ("a.csv", "b.csv"):
        imported(f"{HEAD},Unsubscribed\nIronworks,Dana,dana@iw.example,yes\n", filename=name)
    assert dana.consents.filter(purpose=Purpose.PARTNER).count() == 1


def test_it_believes_the_no_of_two_rows_about_one(imported):
    rows = "Ironworks,Dana,dana@iw.example,\nAnvil,Dana,dana@iw.example,yes\n"
    imported(f"{HEAD},Unsubscribed\n{rows}", consent=CARDS)

    assert word("dana@iw.example") == "withdrawn"


def test_it_leads_to_the_one_a_contact_was_merged_into(imported, owner):
    kept, gone = (Contact.objects.create(name="Dana", email=f"{who}@iw.example") for who in ("dana", "d"))
    merge_contacts(gone, into=kept, choices={}, by=owner)

    imported(f"{HEAD},Unsubscribed\nIronworks,Dana,d@iw.example,yes\n")

    assert word("dana@iw.example") == "withdrawn"


def test_it_keeps_the_no_when_the_import_is_undone(imported):
    batch = imported(f"{HEAD},Unsubscribed\nIronworks,Dana,dana@iw.example,yes\n")

    actions.undo(batch)

    assert word("dana@iw.example") == "withdrawn"
    assert Contact.objects.get().archived_at
