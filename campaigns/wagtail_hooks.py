from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from campaigns.invitations import invited
from campaigns.viewsets import CampaignsGroup

# Not through the hook for viewsets: that one runs when addresses are loaded, and the permission to publish a letter has
# to be there right after the first migration, when the roles are given theirs.
register_snippet(CampaignsGroup)


@hooks.register("register_log_actions")
def log_actions(actions) -> None:
    actions.register_action("campaigns.schedule", "Schedule a broadcast", "Scheduled.")
    actions.register_action("campaigns.unschedule", "Take a broadcast back", "Taken back before it left.")
    actions.register_action("campaigns.cancel", "Cancel a broadcast", "Cancelled.")
    actions.register_action("campaigns.launch", "Launch a broadcast", "Left for its audience.")


@hooks.register("insert_global_admin_css")
def stylesheet() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("campaigns/office.css"))


@hooks.register("workshop_invited")
def count_the_invited(workshops) -> dict[int, int]:
    return invited(workshops)
