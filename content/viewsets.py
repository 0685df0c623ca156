from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.models import Page

import django_filters

from content.models import HomePage, LandingPage, Lead, StandardPage


def pages_with_leads(request) -> object:
    return Page.objects.filter(pk__in=Lead.objects.order_by().values("page")).order_by("title")


class LeadFilterSet(WagtailFilterSet):
    page = django_filters.ModelChoiceFilter(queryset=pages_with_leads, empty_label="All pages")

    class Meta:
        model = Lead
        fields = ["page", "created_at"]
