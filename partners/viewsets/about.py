"""What the lists of touches, to dos and referrals share."""

from __future__ import annotations

from wagtail.admin.views.generic import CreateView

from crm.people.widgets import CheckboxSelectMultiple
from partners.models import Partner


def ticked(choices) -> dict:
    """Choices that are ticked, any number of them."""
    return {"choices": choices, "widget": CheckboxSelectMultiple}


class AboutPartner(CreateView):
    """A new record that the address may say the partner of: ?partner=12."""

    def get_initial_form_instance(self):
        asked = self.request.GET.get("partner", "")
        partner = Partner.objects.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 16 else None
        return self.model(partner=partner)

    def save_instance(self):
        self.form.instance.by = self.request.user
        return super().save_instance()

    def get_success_url(self) -> str:
        return self.object.partner.get_absolute_url() if self.object.partner else super().get_success_url()
