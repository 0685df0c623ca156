"""What is one tap away where it is needed: the brief of a meeting, a referral from the list and the board, a snooze."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from partners.actions import archive, complete, follow_up
from partners.models import Partner, Referral

pytestmark = pytest.mark.django_db
INDEX = reverse("partners:index")


def soup(response) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


@pytest.fixture
def meeting(quiet_gym, owner):
    today = timezone.localdate()
    follow_up(partner=quiet_gym, title="Send the guide", due_on=today, by=owner)
    return follow_up(partner=quiet_gym, title="Coffee with Sam", due_on=today, is_meeting=True, by=owner)


def prepares(client, address: str) -> list[str]:
    """Where the buttons of this page that prepare a meeting lead."""
    return [link["href"] for link in soup(client.get(address)).select('a[aria-label^="Prepare: "]')]


@pytest.mark.parametrize("role", ["owner", "viewer"])
@pytest.mark.parametrize("days", [-1, 0, 3])
def test_it_prepares_a_meeting_from_wherever_it_stands(client, request, meeting, quiet_gym, role, days):
    client.force_login(request.getfixturevalue(role))
    meeting.due_on = timezone.localdate() + timedelta(days=days)
    meeting.save()

    brief = [reverse("partner_brief", args=[quiet_gym.pk])]
    assert prepares(client, reverse("wagtailadmin_home")) == brief
    assert prepares(client, reverse("todos:index")) == brief
    assert prepares(client, quiet_gym.get_absolute_url()) == brief
    assert prepares(client, reverse("todo", args=[meeting.pk])) == brief
    assert client.get(brief[0]).status_code == 200


def test_it_prepares_nothing_that_is_over(at_desk, meeting, owner):
    complete(meeting, by=owner)

    assert prepares(at_desk, f"{reverse('todos:index')}?state=all") == []
    assert prepares(at_desk, reverse("todo", args=[meeting.pk])) == []


def came_in(client, **query):
    """The button of the list's only row, and the form that it belongs to."""
    page = soup(client.get(INDEX, query))
    return page.select_one('.row-more [form="came-in"]'), page.select_one("form#came-in")


def test_its_row_notes_a_referral_and_stays_where_it_is(at_desk, quiet_gym):
    button, form = came_in(at_desk, layout="list", kind="gym")
    here = form.select_one("[name=next]")["value"]

    page = at_desk.post(button["formaction"], {"next": here}, follow=True)

    assert (button.get_text(), quiet_gym.referrals.count()) == ("Referral came in", 1)
    assert here == f"{INDEX}?layout=list&kind=gym"
    assert page.request["QUERY_STRING"] == "layout=list&kind=gym"
    assert "Ironworks Gym sent you somebody" in page.content.decode()


def test_its_row_stays_with_the_list_after_a_filter(at_desk, quiet_gym):
    """The results alone are fetched from another address, which is no page to come back to."""
    page = soup(at_desk.get(f"{INDEX}results/", {"q": "ironworks"}))

    assert page.select_one("#came-in [name=next]")["value"] == f"{INDEX}?q=ironworks"


def test_its_card_notes_a_referral_from_the_boards_sheet(at_desk, quiet_gym):
    board = f"{INDEX}?layout=board"
    sheet = soup(at_desk.get(reverse("partner_stages", args=[quiet_gym.pk]), {"next": board}, HTTP_X_BOARD="1"))
    form = sheet.select_one("form.came-in")

    page = at_desk.post(form["action"], {"next": form.select_one("[name=next]")["value"]}, follow=True)

    assert quiet_gym.referrals.count() == 1
    assert page.request["QUERY_STRING"] == "layout=board"


def test_it_notes_none_for_an_archived_one_or_without_the_right(client, owner, viewer, quiet_gym):
    client.force_login(viewer)
    assert came_in(client) == (None, None)

    client.force_login(owner)
    archive(quiet_gym, by=owner)
    assert came_in(client, archived="yes")[0] is None
    assert not soup(client.get(reverse("partner_stages", args=[quiet_gym.pk]))).select(".came-in")
    assert not Referral.objects.exists()


def test_its_snooze_is_the_same_on_today_and_on_the_page(at_desk, quiet_gym):
    quiet_gym.rhythm.refresh_from_db()
    forms = []
    for address in (reverse("wagtailadmin_home"), quiet_gym.get_absolute_url()):
        [form] = soup(at_desk.get(address)).select(f'form[action="{reverse("snooze_partner", args=[quiet_gym.pk])}"]')
        forms.append([(each.name, each.get("name"), each.get("value")) for each in form.select("button, [name=until]")])
        assert [form.select_one(f"[name={name}]")["value"] for name in ("next", "seen")] == [address, ""]

    assert forms[0] == forms[1]


def test_a_today_that_lay_open_puts_no_snooze_on_another(at_desk, quiet_gym):
    form = soup(at_desk.get(reverse("wagtailadmin_home"))).select_one(f'form[action*="/{quiet_gym.pk}/snooze/"]')
    typed = {each["name"]: each.get("value", "") for each in form.select("input")}

    for _ in range(2):
        at_desk.post(form["action"], {**typed, "days": "7"})

    assert Partner.objects.get(pk=quiet_gym.pk).rhythm.snoozes == 1
