from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from crm.mail.actions import close_for_letters
from crm.mail.models import Suppression
from crm.people.actions import may_write, record_consent
from crm.people.models import ConsentEvent, Contact, Purpose
from partners.actions import merge_contacts
from partners.imports import actions, reading
from partners.models import ImportBatch, ImportRow, Partner

pytestmark = pytest.mark.django_db

LIST = "Name,Street,Phone\nIronworks,1 Main Street,613-555-0101\n,2 Main Street,\nZen,,\nZen,,613-555-0102\n"
PAGES = ["index", "sample", "show", "columns"]
POSTS = ["decide", "commit", "undo", "retry", "discard"]


@pytest.fixture
def office(client, owner):
    client.force_login(owner)
    return client


def url(name: str, batch: ImportBatch | None = None) -> str:
    return reverse(f"partner_import:{name}", args=[batch.pk] if batch and name not in ("index", "sample") else [])


def upload(client, body: bytes, name: str = "list.csv"):
    return client.post(url("index"), {"file": SimpleUploadedFile(name, body)})


def answers(batch: ImportBatch, **changes) -> dict:
    names = reading.read(bytes(batch.body)).columns
    columns = {f"column_{place}": batch.mapping[name] for place, name in enumerate(names)}
    return {**columns, "kind": "gym", "city": "Ottawa", "source": "list", "mode": "fill", "consent": "", **changes}


@pytest.mark.parametrize("name", PAGES + POSTS)
def test_it_needs_a_login(client, checked, name):
    batch = checked(LIST)

    response = client.post(url(name, batch)) if name in POSTS else client.get(url(name, batch))

    assert response.status_code == 302
    assert response.url.startswith(reverse("wagtailadmin_login"))


@pytest.mark.parametrize("name", PAGES + POSTS)
@pytest.mark.parametrize("who", ["assistant", "viewer"])
def test_it_needs_the_permission(client, request, checked, who, name):
    batch = checked(LIST)
    client.force_login(request.getfixturevalue(who))

    response = client.post(url(name, batch)) if name in POSTS else client.get(url(name, batch))

    assert response.status_code == 302
    assert response.url == reverse("wagtailadmin_home")
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.READY


@pytest.mark.parametrize("name", PAGES + POSTS)
def test_it_refuses_the_wrong_method(office, checked, name):
    batch = checked(LIST)

    response = office.get(url(name, batch)) if name in POSTS else office.delete(url(name, batch))

    assert response.status_code == 405


def test_it_goes_from_file_to_partners_and_back(office, owner):
    response = upload(office, LIST.encode())
    batch = ImportBatch.objects.get()
    assert response.url == url("columns", batch)
    assert batch.created_by == owner
    assert "613-555-0101" in office.get(response.url).content.decode()

    response = office.post(url("columns", batch), answers(batch))
    assert response.url == url("show", batch)
    page = office.get(response.url).content.decode()
    assert "2 new partners" in page
    assert "No name. Add one in the file, or leave this row out." in page
    assert not Partner.objects.exists()

    office.post(url("commit", batch))
    assert set(Partner.objects.values_list("name", "kind", "city")) == {
        ("Ironworks", "gym", "Ottawa"),
        ("Zen", "gym", "Ottawa"),
    }
    assert "Undo the whole import" in office.get(url("show", batch)).content.decode()

    office.post(url("undo", batch))
    assert not Partner.objects.exists()
    assert "Undone: 2 removed" in office.get(url("show", batch)).content.decode()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The file is empty."),
        (b"Name\n", "headings but no rows"),
        (b"%PDF", "not a list of rows"),
    ],
)
def test_it_says_what_is_wrong_with_a_file(office, body, sentence):
    response = upload(office, body)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not ImportBatch.objects.exists()


def test_it_keeps_the_choices_when_two_columns_are_the_same(office):
    upload(office, LIST.encode())
    batch = ImportBatch.objects.get()

    response = office.post(url("columns", batch), answers(batch, column_2="street", city="Gatineau"))

    assert response.status_code == 422
    page = response.content.decode()
    assert "Street is chosen for “Street” and “Phone”. Keep one and leave the other out." in page
    assert 'value="Gatineau"' in page
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.DRAFT


def test_it_takes_the_owners_word_on_a_possible_duplicate(office, checked):
    batch = checked(LIST)
    doubtful = batch.rows.get(may_decide=True)

    office.post(url("decide", batch), {"row": doubtful.number, "decision": "new"})
    office.post(url("commit", batch))

    assert Partner.objects.filter(name="Zen").count() == 2


def test_it_shows_one_fate_at_a_time(office, checked):
    page = office.get(url("show", checked(LIST)), {"fate": "problem"}).content.decode()

    assert "No name" in page
    assert "Ironworks" not in page


def test_it_forgets_a_file_that_was_not_imported(office, checked, imported):
    draft, done = checked(LIST), imported("Name\nIronworks\n")

    office.post(url("discard", draft))
    office.post(url("discard", done))

    assert list(ImportBatch.objects.all()) == [done]


def test_it_offers_to_try_again_when_a_worker_is_gone(office, checked):
    batch = checked(LIST)
    actions.begin(batch, ImportBatch.State.RUNNING)
    assert "Try again" not in office.get(url("show", batch)).content.decode()

    ImportBatch.objects.update(moved_at=timezone.now() - timedelta(minutes=3))
    assert "Try again" in office.get(url("show", batch)).content.decode()
    office.post(url("retry", batch))

    assert Partner.objects.count() == 2
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.DONE


def test_it_shows_how_far_a_running_import_is(office, checked):
    batch = checked(LIST)
    actions.begin(batch, ImportBatch.State.RUNNING)
    ImportBatch.objects.update(rows_done=3)

    page = office.get(url("show", batch)).content.decode()

    assert '<progress class="imp-progress" max="4" value="3">' in page


def test_it_asks_as_little_of_a_long_list_as_of_a_short_one(office, imported, django_assert_num_queries):
    short, long = imported("Name\nA\nB\nC\n"), imported("Name\n" + "".join(f"Gym {n}\n" for n in range(300)))
    office.get(url("show", short))

    counts = []
    for batch in (short, long):
        with django_assert_num_queries(1000, exact=False, connection=None) as queries:
            office.get(url("show", batch))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_it_shows_the_way_in_to_whoever_may_import(client, owner, viewer):
    for user, is_shown in ((owner, True), (viewer, False)):
        client.force_login(user)
        page = client.get(reverse("wagtailadmin_home")).content.decode()
        assert (url("index") in page) == is_shown


def test_it_gives_a_sample_that_it_takes_itself(office, checked):
    sample = office.get(url("sample")).content

    assert checked(sample).counts == {ImportRow.Fate.NEW: 2}


@pytest.mark.parametrize("mode", ["fill", "overwrite"])
@pytest.mark.parametrize("is_merged", [False, True])
def test_it_never_clears_an_opt_out(office, owner, mode, is_merged):
    """Whatever is chosen on the page, and whichever of somebody's addresses the list brings."""
    bo = Contact.objects.create(name="Bo Li", email="bo@zen.example")
    record_consent(bo, purpose=Purpose.PARTNER, state=ConsentEvent.State.WITHDRAWN, source="by phone")
    close_for_letters(bo.email)
    if is_merged:
        kept = Contact.objects.create(name="Bo Li", email="bo@mail.example")
        merge_contacts(bo, into=kept, choices={}, by=owner)
    upload(office, b"Name,Person,Contact email\nZen,Bo Li,BO@zen.example\n")
    batch = ImportBatch.objects.get()

    office.post(url("columns", batch), answers(batch, mode=mode, consent="They gave me their cards."))
    office.post(url("commit", batch))

    somebody = Contact.objects.known_by("bo@zen.example")
    assert Partner.objects.get().roles.get().contact == somebody
    assert not may_write(somebody, purpose=Purpose.PARTNER)
    assert Suppression.objects.of(somebody.email).exists()
    assert Suppression.objects.of("bo@zen.example").exists()
