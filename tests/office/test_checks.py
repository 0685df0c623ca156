import pytest

from crm.office.checks import safe_to_start


@pytest.fixture
def production(settings):
    settings.IS_LOCAL = False
    settings.IS_HTTPS = True
    settings.IS_SECRET_MISSING = False
    settings.SECRET_KEY = "x" * 50
    settings.DEBUG = False
    settings.SMTP_URL = "smtp://mail.example.com"
    return settings


def found() -> list[str]:
    return [problem.id for problem in safe_to_start(None)]


def test_it_accepts_a_safe_production(production):
    assert found() == []


@pytest.mark.parametrize(
    ("setting", "value", "problem"),
    [
        ("IS_SECRET_MISSING", True, "rapport.E001"),
        ("SECRET_KEY", "short", "rapport.E002"),
        ("IS_HTTPS", False, "rapport.E003"),
        ("DEBUG", True, "rapport.E004"),
        ("SMTP_URL", "", "rapport.W001"),
    ],
)
def test_it_names_what_is_unsafe(production, setting, value, problem):
    setattr(production, setting, value)

    assert found() == [problem]


def test_it_asks_nothing_of_the_demo(settings):
    settings.DEBUG = True

    assert found() == []
