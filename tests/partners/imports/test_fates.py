from __future__ import annotations

import pytest
from django.utils import timezone

from crm.people.actions import may_write
from crm.people.models import ConsentEvent, Contact, PracticeProfile, Purpose
from partners.imports import actions
from partners.imports.refusals import BadMapping
from partners.models import ImportRow, Kind, Partner, Role
from tests.partners.imports.conftest import fates
from tests.partners.imports.test_reading import workbook

pytestmark = pytest.mark.django_db


def reasons(batch) -> list[str]:
    return list(batch.rows.values_list("reason", flat=True))


def test_it_keeps_branches_in_other_streets_apart(checked):
    batch = checked("Name,Street\nYMCA,180 Argyle Avenue\nYmca,2121 Carling Avenue\nYMCA Inc.,180 Argyle Ave.\n")

    assert fates(batch) == ["new", "new", "duplicate"]
    assert reasons(batch) == ["", "Another branch: same name, another place.", "The same as row 2 of this file."]


def test_it_keeps_one_street_name_in_two_cities_apart(checked):
    batch = checked("Name,Street,City\nYMCA,1 Main St,Ottawa\nYMCA,1 Main St,Perth\n")

    assert fates(batch) == ["new", "new"]


def test_it_tells_namesakes_without_address_apart_by_distance(checked):
    batch = checked("Name,Lat,Lon\nZen,45.40000,-75.70000\nZen,45.40200,-75.70000\nZen,45.40100,-75.70000\n")

    assert fates(batch) == ["new", "new", "duplicate"]
    assert "Possible duplicate: same name, no address to tell them apart" in reasons(batch)[2]


def test_it_fills_blanks_and_overwrites_nothing(imported):
    partner = Partner.objects.create(name="Ironworks", street="1 Main Street", phone="by hand", stage="active")

    batch = imported("Name,Street,Phone,Website\nIRONWORKS,1 main st.,613 555 0101,iron.example\n")

    partner.refresh_from_db()
    assert fates(batch) == ["update"]
    assert (partner.name, partner.phone, partner.website) == ("Ironworks", "by hand", "https://iron.example")
    assert partner.stage == "active"


def test_it_overwrites_when_told_to(imported):
    partner = Partner.objects.create(name="Ironworks", street="1 Main Street", phone="old", kind=Kind.GYM, city="Hull")

    imported("Name,Street,Phone\nIronworks,1 Main Street,613-555-0101\n", mode="overwrite", kind="other", city="Ottawa")

    partner.refresh_from_db()
    assert (partner.phone, partner.kind, partner.city) == ("+1 613-555-0101", Kind.GYM, "Hull")


def test_it_says_what_is_up_to_date_and_what_differs(imported):
    Partner.objects.create(name="Ironworks", street="1 Main Street", phone="+1 613-555-0101")

    batch = imported("Name,Street,Phone\nIronworks,1 Main Street,613-555-0199\n")

    assert reasons(batch) == ["Already up to date. Yours stays where the file differs: phone."]


@pytest.mark.parametrize(
    ("header", "value"),
    [("Phone", "(613) 555-0101"), ("Email", "HELLO@zen.example"), ("Website", "http://www.zen.example/home")],
)
def test_it_knows_a_namesake_by_what_they_share(checked, header, value):
    Partner.objects.create(
        name="Zen",
        street="1 Main Street",
        phone="613.555.0101",
        email="hello@zen.example",
        website="https://zen.example",
    )

    batch = checked(f"Name,{header}\nZen,{value}\n")

    assert fates(batch)[0] in ("update", "unchanged")


def test_it_suspects_another_name_with_the_same_phone(checked):
    Partner.objects.create(name="Zen", phone="+1 613-555-0101")

    batch = checked("Name,Phone\nZen Yoga Studio,613-555-0101\n")

    assert fates(batch) == ["duplicate"]
    assert reasons(batch) == ["Possible duplicate: same phone +1 613-555-0101, another name (“Zen”)."]


def test_it_imports_a_possible_duplicate_only_on_the_owners_word(checked):
    Partner.objects.create(name="Zen")
    batch = checked("Name,Phone\nZen,613-555-0101\n")

    actions.decide(batch.rows.all(), batch=batch, decision=ImportRow.Decision.SAME)
    actions.commit(batch)

    assert Partner.objects.get().phone == "+1 613-555-0101"


def test_it_leaves_archived_partners_alone(imported):
    partner = Partner.objects.create(name="Ironworks", street="1 Main Street", archived_at=timezone.now())

    batch = imported("Name,Street,Phone\nIronworks,1 Main Street,613-555-0101\n")

    partner.refresh_from_db()
    assert (partner.phone, fates(batch)) == ("", ["duplicate"])
    assert reasons(batch) == ["“Ironworks” is archived and stays as it is."]


def test_it_recognises_a_number_of_the_same_list(imported):
    imported("Id,Name,Street\n7,Ironworks,1 Main Street\n", source="fair")

    batch = imported("Id,Name,Street,Phone\n7,Iron Works,9 Other Street,613-555-0101\n8,Zen,,\n", source="fair")

    assert fates(batch) == ["update", "new"]
    assert set(Partner.objects.values_list("name", "street", "phone")) == {
        ("Ironworks", "1 Main Street", "+1 613-555-0101"),
        ("Zen", "", ""),
    }


def test_it_takes_no_list_number_twice(imported):
    Partner.objects.create(name="Ironworks", street="1 Main Street")

    batch = imported("Id,Name,Street\n7,Ironworks,1 Main Street\n7,Zen,5 Elm Street\n", source="fair")

    assert fates(batch) == ["update", "duplicate"]


@pytest.mark.parametrize("spelling", ["+1-613-590-9996", "+1 613 590 9996", "(613) 590-9996", "613.590.9996"])
def test_it_reads_phones_in_every_spelling(imported, spelling):
    imported(f"Name,Phone\nZen,{spelling}\n")

    assert Partner.objects.get().phone == "+1 613-590-9996"


def test_it_reads_phones_as_the_practices_country_writes_them(imported):
    profile = PracticeProfile.load()
    profile.country = "GB"
    profile.save()

    imported("Name,Phone\nZen,020 7946 0958\n")

    assert Partner.objects.get().phone == "+44 20 7946 0958"


def test_it_mends_or_notes_what_it_cannot_read(imported):
    batch = imported(
        "Name,Phone,E-mail,Website,Lat,Lon,Street\n Zen  Yoga ,ring the bell,nobody,see facebook,95,7,=1+1\n"
    )

    partner = Partner.objects.get()
    assert (partner.name, partner.phone, partner.email, partner.website) == ("Zen Yoga", "ring the bell", "", "")
    assert (partner.latitude, partner.street) == (None, "=1+1")
    for word in ("kept as typed", "no e-mail address", "no web address", "no place on a map", "kept as plain text"):
        assert word in reasons(batch)[0]


@pytest.mark.parametrize("name", ["=1+1", '=HYPERLINK("http://x.example")', "@SUM(1)", "+cmd|' /C calc'!A0", "-2+3"])
def test_it_refuses_a_formula_as_a_name(checked, name):
    quoted = name.replace('"', '""')

    batch = checked(f'Name,City\n"{quoted}",Ottawa\nZen,Ottawa\n')

    assert fates(batch) == ["problem", "new"]
    assert reasons(batch)[0] == "“Name” holds a spreadsheet formula. Write the name itself into the file."


def test_it_refuses_a_workbooks_formula_without_a_result(checked):
    batch = checked(workbook(["Name", "City"], ["Zen", "=A1"], ["Yoga", "Ottawa"]), filename="list.xlsx")

    assert fates(batch) == ["problem", "new"]
    assert reasons(batch)[0] == "“City” holds a formula without a result. Write its value into the file."


def test_it_names_the_column_that_is_too_long_and_the_row_that_is_torn(checked):
    batch = checked(f"Name,Town\n{'x' * 161},Ottawa\nZen,Ottawa, Ontario\n")

    assert fates(batch) == ["problem", "problem"]
    assert reasons(batch)[0] == "“Name” is longer than 160 characters. Shorten it in the file."
    assert "has 3 cells and the headings are 2" in reasons(batch)[1]


def test_it_refuses_a_field_chosen_twice(checked):
    with pytest.raises(BadMapping, match="Phone is chosen for “Phone” and “Mobile”"):
        checked("Name,Phone,Mobile\nZen,1,2\n", mapping={"Name": "name", "Phone": "phone", "Mobile": "phone"})


def test_it_refuses_a_mapping_without_a_name(checked):
    with pytest.raises(BadMapping, match="No column is chosen for the partner’s name"):
        checked("Name,Phone\nZen,1\n", mapping={"Phone": "phone"})


PEOPLE = "Company,Name,Email,Title\nZen,Bo Lee,bo@zen.example,Owner\nZen,Al Roy,AL@zen.example,Teacher\n"


def test_it_brings_people_together_once_the_owner_says_it_is_one_partner(checked):
    batch = checked(PEOPLE)
    assert fates(batch) == ["new", "duplicate"]

    actions.decide(batch.rows.all(), batch=batch, decision=ImportRow.Decision.SAME)
    actions.commit(batch)

    assert Partner.objects.get().roles.count() == 2


def test_it_adds_people_in_several_rows_of_one_street(imported):
    text = "Company,Street,Name,Email,Title\nZen,1 Elm,Bo Lee,bo@zen.example,Owner\nZen,1 Elm,Al Roy,AL@zen.example,\n"

    batch = imported(text)

    roles = Role.objects.filter(partner__name="Zen").values_list("contact__email", "title", "is_primary")
    assert fates(batch) == ["new", "update"]
    assert set(roles) == {("bo@zen.example", "Owner", True), ("al@zen.example", "", False)}
    assert imported(text).counts == {"unchanged": 1, "duplicate": 1}


def test_it_writes_to_nobody_unless_the_owner_says_how_they_are_known(imported):
    imported(PEOPLE)
    assert not ConsentEvent.objects.exists()


def test_it_keeps_how_they_are_known_and_every_no(imported, unsubscribed):
    imported(
        f"Name,Person,Contact email\nZen,Bo,bo@zen.example\nGym,Noa,{unsubscribed.email.upper()}\n",
        consent="They gave me their cards at the fair.",
    )

    bo = Contact.objects.get(email="bo@zen.example")
    event = bo.consents.get()
    assert (event.source, event.evidence) == ("import", "They gave me their cards at the fair.")
    assert may_write(bo, purpose=Purpose.PARTNER)
    assert not may_write(unsubscribed, purpose=Purpose.PARTNER)
    assert unsubscribed.roles.get().partner.name == "Gym"


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ("Zen,yoga", Kind.YOGA_STUDIO),
        ("Zen,fitness;yoga", Kind.YOGA_STUDIO),
        ("Hot Yoga Now,", Kind.YOGA_STUDIO),
        ("Iron,fitness_centre", Kind.GYM),
        ("Runners of Bytown,", Kind.RUNNING_CLUB),
        ("Dr. Roy,DPC physician", Kind.DPC_PHYSICIAN),
        ("Dr. Roy,functional_medicine", Kind.FUNCTIONAL_MEDICINE),
        ("Corner Bakery,shop", Kind.OTHER),
    ],
)
def test_it_guesses_the_kind(imported, cells, kind):
    imported(f"Name,Type\n{cells}\n")

    assert Partner.objects.get().kind == kind


def test_it_handles_thousands_of_rows(imported, settings):
    settings.DEBUG = False
    text = "Name,Street,Phone\n" + "".join(f"Studio {n},{n} Bank Street,613-555-{n:04d}\n" for n in range(5000))

    batch = imported(text)

    assert batch.counts == {"new": 5000}
    assert Partner.objects.count() == 5000
