"""Wagtail's own screens for users, with an e-mail address as the login."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client

pytestmark = pytest.mark.django_db
User = get_user_model()


@pytest.fixture
def acting(client, owner):
    client.force_login(owner)
    return client


def details(**changes) -> dict:
    return {
        "email": "kim@example.com",
        "first_name": "Kim",
        "last_name": "Roy",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
        "groups": [Group.objects.get(name="Assistant").pk],
        **changes,
    }


def test_it_adds_somebody_who_can_then_log_in(acting):
    page = acting.post("/admin/users/new/", details(email="Kim@Example.com"))

    assert page.status_code == 302, page.context["form"].errors
    visitor = Client()
    login = {"username": "kim@example.COM", "password": "correct horse battery"}
    assert visitor.post("/admin/login/", login)["Location"] == "/admin/"
    assert visitor.get("/admin/").status_code == 200


def test_it_refuses_an_address_that_is_taken_whatever_its_case(acting, assistant):
    page = acting.post("/admin/users/new/", details(email="ASSISTANT@example.com"))

    assert page.status_code == 200
    assert page.context["form"].errors
    assert User.objects.filter(email__iexact="assistant@example.com").count() == 1


def test_it_changes_somebody(acting, assistant):
    acting.get(f"/admin/users/edit/{assistant.pk}/")
    page = acting.post(
        f"/admin/users/edit/{assistant.pk}/",
        details(email="new@example.com", password1="", password2="", is_active="on"),
    )

    assert page.status_code == 302, page.context["form"].errors
    assistant.refresh_from_db()
    assert (assistant.email, str(assistant)) == ("new@example.com", "Kim Roy")
    assert assistant.check_password("correct horse battery")


@pytest.mark.parametrize("path", ["/admin/users/", "/admin/users/?q=assistant"])
def test_it_lists_users(acting, assistant, path):
    assert "assistant@example.com" in acting.get(path).text


@pytest.mark.parametrize("role", ["assistant", "viewer"])
def test_it_is_for_the_owner_only(client, request, role):
    client.force_login(request.getfixturevalue(role))

    assert client.get("/admin/users/")["Location"] == "/admin/"
    assert client.post("/admin/users/new/", details())["Location"] == "/admin/"
    assert not User.objects.filter(email="kim@example.com").exists()


def test_it_lets_everybody_change_their_own_profile(client, viewer):
    client.force_login(viewer)

    assert client.get("/admin/account/").status_code == 200
