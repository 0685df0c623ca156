from django.urls import reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.search import SearchArea
from wagtail.admin.ui.sidebar import LinkMenuItem

from crm.people.viewsets import ContactChooserViewSet
from partners import duplicates, office_urls
from partners.account import LogAddressPanel, MorningMailPanel
from partners.viewsets import PartnersGroup
from partners.viewsets.chooser import PartnerChooserViewSet
from partners.viewsets.gift import GiftLimitViewSet


@hooks.register("register_admin_viewset")
def register_partners():
    return [PartnersGroup(), PartnerChooserViewSet(), ContactChooserViewSet(), GiftLimitViewSet()]


@hooks.register("register_admin_urls")
def register_addresses():
    return office_urls.urlpatterns


@hooks.register("register_icons")
def register_icons(icons):
    return [*icons, "partners/icons/gift.svg"]


class LogMenuItem(MenuItem):
    def is_shown(self, request) -> bool:
        return request.user.has_perm("partners.add_touch")


@hooks.register("register_admin_menu_item")
def register_log():
    return LogMenuItem("Log a touch", reverse("quick_log"), name="log-touch", icon_name="plus", order=50)


class ImportMenuItem(MenuItem):
    def is_shown(self, request) -> bool:
        return request.user.has_perm("partners.import_partner")


@hooks.register("register_partners_menu_item")
def register_import():
    return ImportMenuItem("Import", reverse("partner_import:index"), name="import", icon_name="upload", order=900)


class KeepingUpMenuItem(MenuItem):
    def is_shown(self, request) -> bool:
        return request.user.has_perm("partners.view_partner")


@hooks.register("register_partners_menu_item")
def register_keeping_up():
    return KeepingUpMenuItem(
        "Keeping up", reverse("keeping_up"), name="keeping-up", icon_name="calendar-alt", order=850
    )


class ResultsMenuItem(MenuItem):
    def is_shown(self, request) -> bool:
        return request.user.has_perm("partners.view_review")


@hooks.register("register_partners_menu_item")
def register_results():
    return ResultsMenuItem("Results", reverse("weekly_review"), name="results", icon_name="order-up", order=840)


class SamePartnersMenuItem(MenuItem):
    """With how many pairs there are to decide about."""

    def is_shown(self, request) -> bool:
        return request.user.has_perm("partners.merge_partner")

    def render_component(self, request):
        count = len(duplicates.known_pairs())
        label = f"{self.label} ({count})" if count else self.label
        return LinkMenuItem(self.name, label, self.url, icon_name=self.icon_name)


@hooks.register("register_partners_menu_item")
def register_same():
    url = reverse("same_partners")
    return SamePartnersMenuItem("Two of the same", url, name="same-partners", icon_name="copy", order=880)


@hooks.register("register_admin_search_area")
def register_search():
    return SearchArea("Partners", reverse("partners:index"), name="partners", icon_name="group", order=10)


@hooks.register("register_account_settings_panel")
def register_morning_mail(request, user, profile):
    return MorningMailPanel(request, user, profile)


@hooks.register("register_account_settings_panel")
def register_log_address(request, user, profile):
    return LogAddressPanel(request, user, profile)
