from django.urls import reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from workshops import office_urls, results, timeline
from workshops.office import calendars, door
from workshops.viewsets import WorkshopsGroup


@hooks.register("register_admin_viewset")
def register_workshops():
    return WorkshopsGroup()


@hooks.register("register_admin_urls")
def register_addresses():
    return [*calendars.urlpatterns, *door.urlpatterns, *office_urls.urlpatterns]


class WorkshopsMenuItem(MenuItem):
    def is_shown(self, request) -> bool:
        return request.user.has_perm("workshops.view_workshop")


@hooks.register("register_workshops_menu_item")
def register_year():
    return WorkshopsMenuItem("The year", reverse("workshops:year"), name="workshops-year", icon_name="table", order=850)


@hooks.register("register_workshops_menu_item")
def register_what_they_brought():
    return WorkshopsMenuItem(
        "What they brought", reverse("workshops_brought"), name="workshops-brought", icon_name="history", order=870
    )


@hooks.register("register_workshops_menu_item")
def register_calendars_menu():
    return WorkshopsMenuItem(
        "Calendars", reverse("workshop_calendars"), name="workshop-calendars", icon_name="calendar-alt", order=900
    )


@hooks.register("partner_timeline")
def tell_hosted_workshops():
    return timeline.source()


@hooks.register("partner_workshops")
def count_hosted_workshops(host, since):
    return timeline.year_of(host, since)


@hooks.register("partner_results")
def count_workshops(spans):
    return results.booked_and_held(spans)


@hooks.register("partner_results_work")
def name_who_has_none(shown):
    return results.missing(shown)


@hooks.register("register_log_actions")
def name_what_is_done_by_hand(actions):
    actions.register_action("workshops.give_seat", "Give a seat", "Gave a seat by hand.")
    actions.register_action("workshops.doubt_again", "Look again", "Took back that a registration was let in.")
    actions.register_action("workshops.throw_away", "Throw away", "Threw a registration away.")
    actions.register_action("workshops.add_seat", "Add a seat", "Added a seat at the door.")
    actions.register_action("workshops.erase", "Erase a registrant", "Erased a registrant on their wish.")
    actions.register_action("workshops.release", "Let a registration in", "Let a registration in.")
