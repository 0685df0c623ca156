import pytest
from django.urls import reverse
from wagtail.users.models import UserProfile

from crm.people.login import LoginBackend

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("has_profile", [True, False])
def test_it_brings_the_profile_along(owner, has_profile, django_assert_num_queries):
    if has_profile:
        UserProfile.get_for_user(owner)

    with django_assert_num_queries(1):
        user = LoginBackend().get_user(owner.pk)
        assert hasattr(user, "wagtail_userprofile") == has_profile

    assert user == owner


def test_it_knows_nobody_who_is_gone_or_switched_off(owner):
    assert LoginBackend().get_user(owner.pk + 1) is None

    owner.is_active = False
    owner.save()

    assert LoginBackend().get_user(owner.pk) is None


def test_it_lets_the_owner_in(client, owner):
    answer = client.post(
        reverse("wagtailadmin_login"), {"username": "owner@example.com", "password": "correct horse battery"}
    )

    assert answer.status_code == 302
    assert client.get(reverse("wagtailadmin_home")).status_code == 200
