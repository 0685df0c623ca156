from __future__ import annotations

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from wagtail.models import Page

from crm.people.models import Contact


class Lead(models.Model):
    """One answer to a form on the site."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="leads")
    page = models.ForeignKey(Page, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=120)
    email = models.EmailField("e-mail")
    phone = models.CharField(max_length=40, blank=True)
    message = models.TextField(blank=True)
    heard_from = models.CharField("who told you about us", max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name}, {self.created_at:%d %b %Y}"


auditlog.register(Lead)
