"""The flyer as it leaves the printer: one sheet, whatever its words and whatever the paper."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from crm.people.models import PracticeProfile
from partners.models import Partner
from tests.workshops.conftest import make_workshop
from workshops.models import Workshop

PAGE = re.compile(rb"/Type /Page\b")
LENGTHS = (12, 60, 1000)  # letters of a title; the last stands for as many as it holds


@pytest.fixture
def practice(transactional_db):
    practice = PracticeProfile.load()
    practice.name, practice.phone = "Harbour Physiotherapy and Wellness", "+1 613 555 0123"
    practice.save()
    return practice


def words(field: str, *, about: int) -> str:
    """As many as asked for, or as the field holds."""
    model, _, name = field.partition(".")
    longest = {"Workshop": Workshop, "Partner": Partner}[model]._meta.get_field(name).max_length
    return ("Knees and shoulders that last all winter, " * 30)[: min(longest, about)]


def test_it_is_one_sheet_of_either_paper(practice, live_server, page, owner, log_in):
    log_in(page, owner)
    for about in LENGTHS:
        host = Partner.objects.create(name=words("Partner.name", about=about), kind="gym")
        workshop = make_workshop(
            host=host,
            title=words("Workshop.title", about=about),
            summary=words("Workshop.summary", about=about * 2),
            place=words("Workshop.place", about=about * 2),
            slug="knees-and-shoulders-" * min(6, about // 12),
        )
        for paper in ("A4", "Letter"):
            page.goto(f"{reverse('workshop_flyer', args=[workshop.pk])}?size={paper.lower()}")

            assert len(PAGE.findall(page.pdf(format=paper, print_background=True))) == 1, (paper, about)
            assert page.evaluate(
                "[...document.querySelectorAll('.flyer *')].every(one => one.scrollWidth <= innerWidth)"
            )
