import pytest

from partners.actions import AlreadyThanked, NotThanked, thank, unthank
from partners.models import Referral, Touch

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral(physician) -> Referral:
    return Referral.objects.get(partner=physician)


def test_it_thanks_only_once(referral, owner):
    thank(referral, by=owner)

    with pytest.raises(AlreadyThanked):
        thank(referral, by=owner)
    assert Touch.objects.filter(kind="thanks").count() == 1


def test_it_is_owed_again_once_taken_back(referral, owner):
    touch = thank(referral, by=owner)

    unthank(referral, touch=touch, by=owner)

    assert Referral.objects.awaiting_thanks().get() == referral
    assert not Touch.objects.standing().filter(kind="thanks").exists()
    with pytest.raises(NotThanked):
        unthank(referral, touch=touch, by=owner)


@pytest.mark.parametrize("verb", ["thank", "unthank"])
def test_its_buttons_need_a_login_permission_and_a_tap(client, viewer, owner, referral, verb):
    url = f"/admin/referrals/{referral.pk}/{verb}/"
    assert client.post(url).url.startswith("/admin/login/")

    client.force_login(viewer)
    assert client.post(url).status_code == 302
    assert Referral.objects.awaiting_thanks().exists()

    client.force_login(owner)
    assert client.get(url).status_code == 405


def test_it_undoes_with_a_tap(client, owner, referral):
    client.force_login(owner)
    client.post(f"/admin/referrals/{referral.pk}/thank/")
    touch = Touch.objects.get(kind="thanks")

    page = client.post(f"/admin/referrals/{referral.pk}/unthank/", {"touch": touch.pk}, follow=True)

    assert "is owed again." in page.content.decode()
    assert Referral.objects.awaiting_thanks().exists()
