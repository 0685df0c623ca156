import pytest
from wagtail.models import Page

from content.models import LandingPage, StandardPage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["owner", "assistant"])
@pytest.mark.parametrize("model", [StandardPage, LandingPage])
def test_it_opens_every_page_for_editing(client, request, site, role, model):
    client.force_login(request.getfixturevalue(role))

    response = client.get(f"/admin/pages/{model.objects.first().pk}/edit/")

    assert response.status_code == 200


def test_it_opens_the_home_page_with_every_block(client, owner, site):
    client.force_login(owner)

    assert client.get(f"/admin/pages/{site.pk}/edit/").status_code == 200


def test_it_keeps_viewers_from_writing(client, viewer, site):
    client.force_login(viewer)

    assert client.get(f"/admin/pages/{site.pk}/edit/").status_code == 302


def test_it_publishes_what_the_owner_may_publish(owner, site):
    assert Page.objects.get(pk=site.pk).permissions_for_user(owner).can_publish()


def test_it_previews_a_page_with_its_form(client, owner, landing_page):
    response = landing_page.make_preview_request()

    assert response.status_code == 200
    assert "Your name" in response.rendered_content
