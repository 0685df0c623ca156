"""Where a tap came from, and the days it may name."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from wagtail.admin.utils import get_valid_next_url_from_request

from crm.people.office import OfficeRequest
from partners.models import Partner


def back(request: OfficeRequest, partner: Partner | None = None) -> HttpResponse:
    """Where the tap came from, else the partner's page, else Today."""
    home = partner.get_absolute_url() if partner else reverse("wagtailadmin_home")
    return redirect(get_valid_next_url_from_request(request) or home)


def parse_day(text: str):
    """A day, or nothing where the text is none."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def in_days(days: str):
    return timezone.localdate() + timedelta(days=min(int(days[:4]), 3650))
