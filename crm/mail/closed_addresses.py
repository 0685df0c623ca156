"""The closed addresses in the office: looked up, added by hand, and opened again where that is ours to do."""

from __future__ import annotations

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy

from crm.mail.models import Reopening, Suppression, address_hash


class OptOutPolicy(ModelPermissionPolicy):
    """An address may be added by hand and one added by mistake removed; what its owner asked for stays."""

    def user_has_permission(self, user, action: str) -> bool:
        return action != "change" and super().user_has_permission(user, action)

    def user_has_permission_for_instance(self, user, action: str, instance: Suppression) -> bool:
        is_ours = instance.reason in Suppression.OURS
        return self.user_has_permission(user, action) and (action != "delete" or is_ours)


class ClosedAddressForm(forms.ModelForm):
    """Takes an address and keeps its hash."""

    address = forms.EmailField(
        label="E-mail address", help_text="Only a fingerprint of it is kept, so write it down nowhere else."
    )

    field_order = ["address", "scope"]

    class Meta:
        model = Suppression
        fields = ["scope"]

    def clean(self) -> dict:
        super().clean()
        cleaned = self.cleaned_data
        closed = Suppression.objects.of(cleaned.get("address", "")).filter(scope=cleaned.get("scope"))
        if "address" in cleaned and closed.exists():
            raise ValidationError("This address is already closed in this way.")
        return cleaned

    def save(self, commit: bool = True) -> Suppression:
        self.instance.email_hash = address_hash(self.cleaned_data["address"])
        self.instance.reason = Suppression.Reason.BY_HAND
        return super().save(commit)


class ClosedAddressesView(generic.IndexView):
    def search_queryset(self, queryset):
        """A whole address finds itself; there is nothing else to search in."""
        return queryset.of(self.search_query) if self.is_searching else queryset

    def get_delete_url(self, instance):
        may = self.permission_policy.user_has_permission_for_instance(self.request.user, "delete", instance)
        return reverse("suppressions:delete", args=[instance.pk]) if may else None


class CloseAddressView(generic.CreateView):
    def get_success_message(self, instance):
        return "The address is closed. Nothing that it covers will be sent there."

    def get_success_buttons(self):
        return []


class ReopenView(generic.DeleteView):
    def dispatch(self, request, *args, **kwargs):
        if not self.user_has_permission_for_instance("delete", self.object):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_usage_url(self):
        return None

    def delete_action(self):
        """Remember when it was opened: what the provider reported before then must not close it anew."""
        with transaction.atomic():
            Reopening.objects.note(self.object.email_hash, scope=self.object.scope)
            super().delete_action()


class ClosedAddressViewSet(ModelViewSet):
    model = Suppression
    name = "suppressions"
    icon = "cross"
    menu_label = "Closed addresses"
    menu_order = 410
    add_to_settings_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = ClosedAddressesView
    add_view_class = CloseAddressView
    delete_view_class = ReopenView
    search_fields = ["email_hash"]
    list_filter = ["reason", "scope"]
    list_display = ["fingerprint", "scope", "reason", "created_at"]

    def get_form_class(self, for_update: bool = False):
        return ClosedAddressForm

    def get_urlpatterns(self):
        wanted = {"index", "index_results", "add", "delete"}
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in wanted]

    def register_admin_url_finder(self):
        """A fingerprint is not edited."""


closed_addresses = ClosedAddressViewSet()
