from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from crm.people import kept, office
from crm.people.changes import ChangesView


@hooks.register("register_admin_urls")
def urls():
    return [
        path("consent/<int:pk>/", office.consent, name="consent"),
        path("contacts/kept/<int:pk>.json", kept.kept, name="kept_of_contact"),
        path("changes/", ChangesView.as_view(), name="changes"),
        path("changes/results/", ChangesView.as_view(results_only=True), name="changes_results"),
    ]


class ChangesMenuItem(MenuItem):
    def is_shown(self, request) -> bool:
        return request.user.has_perm("auditlog.view_logentry")


@hooks.register("register_reports_menu_item")
def changes_menu_item():
    return ChangesMenuItem("Changes", reverse("changes"), name="changes", icon_name="history", order=100)
