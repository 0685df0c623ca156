from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from crm.office import doctor

DAILY = ("today", "log-touch", "partners", "workshops", "campaigns", "outbox", "needs-you", "inbox", "leads")
SELDOM = ("explorer", "images", "documents", "reports", "settings", "help")
# A solo owner reads our handbook, not Wagtail's.
NOT_OURS = ("whats-new-in-wagtail", "editor-guide")


@hooks.register("insert_global_admin_css")
def dress_the_office():
    return format_html('<link rel="stylesheet" href="{}">', static("office/office.css"))


@hooks.register("insert_global_admin_js")
def answer_the_keyboard():
    return format_html(
        '<script src="{}" data-quick-log="{}" defer></script>', static("office/office.js"), reverse("quick_log")
    )


@hooks.register("register_admin_menu_item")
def register_today():
    return MenuItem("Today", reverse("wagtailadmin_home"), name="today", icon_name="home", order=10)


@hooks.register("construct_main_menu")
def order_the_menu(request, items):
    """What is done daily first, then what changes seldom; whatever else is registered comes between."""
    for item in items:
        if item.name in DAILY:
            item.order = 10 * (1 + DAILY.index(item.name))
        elif item.name in SELDOM:
            item.order = 500 + 10 * SELDOM.index(item.name)


@hooks.register("register_help_menu_item")
def register_handbook():
    return MenuItem("Handbook", reverse("help"), name="handbook", icon_name="help", order=1)


@hooks.register("construct_help_menu")
def keep_what_helps(request, items):
    items[:] = [item for item in items if not item.name.startswith(NOT_OURS)]


@hooks.register("register_admin_urls")
def doctor_urls():
    return [path("doctor/", doctor.page, name="doctor"), path("doctor/<slug:slug>/", doctor.one, name="doctor_check")]


class DoctorMenuItem(MenuItem):
    def is_shown(self, request) -> bool:
        return request.user.has_perm("mail.change_message")


@hooks.register("register_reports_menu_item")
def register_doctor():
    return DoctorMenuItem("Doctor", reverse("doctor"), name="doctor", icon_name="circle-check", order=90)
