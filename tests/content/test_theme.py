import pytest

from content.colors import contrast, palette, parse
from crm.people.models import PracticeProfile

pytestmark = pytest.mark.django_db

CHOICES = [
    ("#1f5f57", "#d9623b"),
    ("#ffe34d", "#fff7c2"),
    ("#000000", "#ffffff"),
    ("#ffffff", "#000000"),
    ("#7a7a7a", "#ff0000"),
    ("#0033ff", "#00ff66"),
]
PAIRS = [
    ("brand-ink", "brand"),
    ("brand-ink", "brand-hover"),
    ("accent-ink", "accent"),
    ("brand-text", "brand-soft"),
    ("brand-text", "paper"),
    ("accent-text", "accent-soft"),
    ("accent-text", "paper"),
    ("accent-text", "brand-soft"),
    ("ink", "brand-soft"),
    ("muted", "brand-soft"),
    ("on-deep", "brand-deep"),
    ("on-deep-muted", "brand-deep"),
    ("on-deep-accent", "brand-deep"),
]


@pytest.mark.parametrize("colors", CHOICES)
@pytest.mark.parametrize("pair", PAIRS)
def test_it_reads_whatever_colours_were_chosen(colors, pair):
    tokens = palette(*colors)

    assert contrast(parse(tokens[pair[0]]), parse(tokens[pair[1]])) >= 4.5


def test_it_serves_the_practice_colours(client):
    profile = PracticeProfile.load()
    profile.brand_color = "#112233"
    profile.save()

    response = client.get("/theme.css")

    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert "--brand:#112233;" in response.content.decode()
    assert response["Cache-Control"] == "public, max-age=300"


def test_it_may_be_kept_for_a_year_under_its_versioned_address(client):
    assert "immutable" in client.get("/theme.css?v=1f5f57d9623b")["Cache-Control"]


def test_it_answers_304_to_a_known_etag(client):
    etag = client.get("/theme.css")["ETag"]

    assert client.get("/theme.css", headers={"If-None-Match": etag}).status_code == 304


def test_it_refuses_the_wrong_method(client):
    assert client.post("/theme.css").status_code == 405
