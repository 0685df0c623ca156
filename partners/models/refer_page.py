from __future__ import annotations

from auditlog.registry import auditlog
from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

WHAT_WE_DO = (
    "We help people move without pain and get back to what they love. One therapist, one person, a full hour: we find "
    "out what is going on, treat it, and teach them how to keep it away."
)
WHO_FITS = (
    "Somebody whose back, knee or shoulder keeps them from training.\n"
    "Somebody who has been told to rest and wants to do more than that.\n"
    "Somebody who comes back from an injury or an operation."
)


@register_setting(icon="link")
class ReferPage(BaseGenericSetting):
    """What the page at /refer/<code>/ tells somebody who would like to send us a person. Name and colours are the profile's."""

    what_we_do = models.TextField("what you do", default=WHAT_WE_DO)
    who_fits = models.TextField("who is right here", default=WHO_FITS, blank=True, help_text="One line for each.")

    panels = [FieldPanel("what_we_do"), FieldPanel("who_fits")]

    class Meta:
        verbose_name = "referral page"

    def __str__(self) -> str:
        return "Referral page"


auditlog.register(ReferPage)
