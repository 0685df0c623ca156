from wagtail import hooks

from content import keeping
from content.viewsets import lead_viewset


@hooks.register("register_admin_viewset")
def register_leads():
    return lead_viewset


@hooks.register("register_admin_urls")
def register_addresses():
    return keeping.urlpatterns


@hooks.register("register_log_actions")
def name_what_is_done_by_time(actions):
    actions.register_action(
        "content.forget", "Forget a lead", "Emptied: nothing was heard of them for eighteen months."
    )
