"""What somebody chooses on their own account page."""

from __future__ import annotations

from django import forms
from wagtail.admin.views.account import BaseSettingsPanel

from partners import mail_log
from partners.digest import is_owner
from partners.models import LogAddress, MorningMail


class MorningMailForm(forms.ModelForm):
    class Meta:
        model = MorningMail
        fields = ["is_on", "at", "days"]
        widgets = {"at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}


class MorningMailPanel(BaseSettingsPanel):
    """Whether, from when and on which days the morning's e-mail comes."""

    name = "morning-mail"
    title = "Your morning e-mail"
    order = 150
    form_class = MorningMailForm

    def is_active(self) -> bool:
        return self.user.has_perm("partners.view_followup")

    def get_form(self) -> forms.ModelForm:
        """Shown to owners as it comes to them by itself, to others switched off; saved once they say so."""
        chosen = MorningMail.objects.filter(user=self.user).first()
        chosen = chosen or MorningMail(user=self.user, is_on=is_owner(self.user))
        said = self.request.POST if self.request.method == "POST" else None
        return self.form_class(said, instance=chosen, prefix=self.name)


class NothingForm(forms.ModelForm):
    class Meta:
        model = LogAddress
        fields: list[str] = []


class LogAddressPanel(BaseSettingsPanel):
    """The address that logs what it is sent a copy of. It is made anew on its own page."""

    name = "log-address"
    title = "Log by mail"
    order = 160
    form_class = NothingForm
    template_name = "partners/_account_log_address.html"

    def is_active(self) -> bool:
        return self.user.has_perm("partners.add_touch")

    def get_form(self) -> forms.ModelForm:
        """Unbound, so that saving the account saves nothing of it."""
        return self.form_class(prefix=self.name)

    def get_context_data(self) -> dict:
        return {"log_address": mail_log.address_of(self.user)}
