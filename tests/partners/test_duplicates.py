import pytest

from partners.duplicates import twins_of
from partners.models import Partner

pytestmark = pytest.mark.django_db

URL = "/admin/partners/new/"


@pytest.fixture
def known() -> Partner:
    return Partner.objects.create(
        name="Café Ascent Inc.", phone="+1 613-555-0142", website="https://www.ascent.example/ottawa"
    )


@pytest.mark.parametrize(
    ("fields", "shares"),
    [
        ({"name": "cafe ascent"}, "name"),
        ({"name": "Other", "phone": "(613) 555 0142"}, "phone"),
        ({"name": "Other", "website": "http://ascent.example"}, "website"),
    ],
)
def test_it_knows_a_twin_by_one_mark(known, fields, shares):
    [twin] = twins_of(Partner(**fields))

    assert (twin.partner, twin.shares) == (known, shares)


@pytest.mark.parametrize(
    "fields", [{"name": "Ascent"}, {"name": "Other", "phone": "0142"}, {"name": "Other", "email": ""}]
)
def test_it_takes_nobody_for_a_twin_without_a_mark(known, fields):
    assert twins_of(Partner(**fields)) == []


def test_it_asks_once_and_then_adds_it(client, owner, known):
    client.force_login(owner)
    form = {"name": "Cafe Ascent", "kind": "other", "stage": "identified", "tier": "b"}

    asked = client.post(URL, form).content.decode()
    assert "has the same name" in asked
    assert known.get_absolute_url() in asked
    assert Partner.objects.filter(name="Cafe Ascent").count() == 0

    client.post(URL, form)
    assert Partner.objects.filter(name="Cafe Ascent").count() == 1
