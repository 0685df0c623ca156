import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.people.models import Contact, PracticeProfile
from partners.models import FollowUp, Partner
from tests.workshops.conftest import make_workshop
from workshops import actions

pytestmark = pytest.mark.django_db
PAGE = "/admin/changes/"


@pytest.fixture
def acting(client, owner):
    client.force_login(owner)
    return client


def test_it_needs_a_login_and_permission(client, assistant, viewer):
    assert "/admin/login/" in client.get(PAGE)["Location"]
    for user in (assistant, viewer):
        client.force_login(user)
        assert client.get(PAGE)["Location"] == "/admin/"


def test_it_says_who_changed_what(acting, owner):
    profile = PracticeProfile.load()
    form = acting.get("/admin/settings/people/practiceprofile/", follow=True).context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    acting.post(f"/admin/settings/people/practiceprofile/{profile.pk}/", {**values, "name": "Quay Physio"})

    assert PracticeProfile.load().name == "Quay Physio"
    entry = LogEntry.objects.get_for_object(profile).latest("timestamp")
    assert entry.actor == owner
    page = acting.get(PAGE).text
    assert "<del>Our practice</del> <ins>Quay Physio</ins>" in page
    assert "owner@example.com" in page


def test_it_keeps_the_history_of_what_is_gone(acting):
    contact = Contact.objects.create(name="Bo Lind", email="bo@example.com")
    contact.name = "Bo Lindqvist"
    contact.save()
    contact.delete()

    assert LogEntry.objects.filter(object_repr__startswith="Bo").count() == 3
    page = acting.get(f"{PAGE}?q=lind").text
    assert "contact removed" in page
    assert "<del>Bo Lind</del> <ins>Bo Lindqvist</ins>" in page


def test_it_leaves_out_numbers_and_what_other_records_say(acting):
    Contact.objects.create(name="Bo Lind", email="bo@example.com")

    page = acting.get(f"{PAGE}?q=lind").text
    assert "E-mail: <ins>bo@example.com</ins>" in page
    assert ".None" not in page
    assert "ID:" not in page


def test_it_names_related_records_and_choices(acting, physician):
    FollowUp.objects.create(partner=physician, title="Call", due_on="2027-01-01")
    physician.stage = "champion"
    physician.save()

    page = acting.get(PAGE).text
    assert "<ins>Okafor Family Medicine</ins>" in page
    assert "<del>Active</del> <ins>Champion</ins>" in page


def test_it_filters_by_kind_and_person(acting, owner, physician):
    kind = LogEntry.objects.get_for_object(physician).first().content_type_id

    rows = acting.get(f"{PAGE}?content_type={kind}").context["object_list"]
    assert {row.content_type_id for row in rows} == {kind}
    assert not acting.get(f"{PAGE}?actor={owner.pk}").context["object_list"]
    assert not acting.get(f"{PAGE}?timestamp_to=2020-01-01").context["object_list"]


def test_it_lists_3_and_300_changes_with_the_same_queries(acting, physician):
    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            acting.get(PAGE)
        return len(context)

    for number in range(3):
        FollowUp.objects.create(partner=physician, title=f"Call {number}", due_on="2027-01-01")
    queries()
    few = queries()
    for number in range(297):
        FollowUp.objects.create(
            partner=Partner.objects.create(name=f"Gym {number}") if number % 9 == 0 else physician,
            title=f"Call {number}",
            due_on="2027-01-01",
        )

    assert queries() <= few <= 20


def test_it_notes_nothing_of_where_a_stranger_is(client, practice):
    registration = actions.register(make_workshop(capacity=5), name="Ada", email="ada@example.com")
    client.post(registration.get_absolute_url(), {"name": "Ada Byron", "phone": ""})

    entry = LogEntry.objects.get_for_object(registration).latest("timestamp")
    assert entry.changes["name"] == ["Ada", "Ada Byron"]
    assert (entry.actor, entry.remote_addr, entry.remote_port, entry.cid) == (None, None, None, None)
