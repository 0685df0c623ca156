"""Words that somebody typed stay words, wherever they are shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.mail.models import Message
from crm.mail.render import render
from crm.people.models import Contact
from partners.actions import log_touch
from partners.models import Partner, Role, Touch
from workshops.actions import register
from workshops.models import Workshop

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script><img src=x>"


@pytest.fixture
def gym(practice, owner) -> Partner:
    gym = Partner.objects.create(name=EVIL, city=EVIL, notes=EVIL, off_ramp_reason=EVIL)
    Role.objects.create(partner=gym, contact=Contact.objects.create(name=EVIL, phone=EVIL[:40]), title=EVIL)
    log_touch(gym, kind=Touch.TouchKind.VISIT, by=owner, summary=EVIL, next_step=EVIL, due_on=timezone.localdate())
    return gym


@pytest.fixture
def workshop(gym) -> Workshop:
    starts_at = timezone.now() + timedelta(days=9)
    return Workshop.objects.create(
        title=EVIL, slug="evil", summary=EVIL, description=EVIL, place=EVIL, host=gym, state="open",
        starts_at=starts_at, ends_at=starts_at + timedelta(hours=1),
    )  # fmt: skip


def test_it_shows_the_office_words_and_no_scripts(client, owner, gym, workshop):
    client.force_login(owner)
    pages = ["/admin/", "/admin/log/", "/admin/partners/", "/admin/todos/", "/admin/touches/", "/admin/contacts/"]
    pages += [gym.get_absolute_url(), "/admin/workshops/", reverse("workshops:inspect", args=[workshop.pk])]
    pages += ["/admin/changes/", "/admin/log/suggest/?q=script", f"/admin/partners/?q={EVIL}"]

    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode(), page
        assert "<img src=x" not in answer.content.decode(), page

    said = client.post(reverse("archive_partner", args=[gym.pk]), follow=True).content.decode()
    assert "is archived" in said
    assert "<script>alert" not in said


@pytest.mark.parametrize("page", ["/workshops/", "/workshops/evil/", "/", "/sitemap.xml"])
def test_it_shows_visitors_words_and_no_scripts(client, workshop, page):
    answer = client.get(page).content.decode()

    assert "<script>alert" not in answer
    assert "<img src=x" not in answer


def test_it_writes_words_and_no_scripts_into_a_letter(workshop):
    register(workshop, name=EVIL, email="eve@example.com")

    letter = render(Message.objects.get(to_email="eve@example.com"))

    assert "<script>alert" not in letter.html
    assert "<img src=x" not in letter.html
    assert letter.calendar.count("BEGIN:VEVENT") == 1
