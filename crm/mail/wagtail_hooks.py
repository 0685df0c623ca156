from django.urls import path, reverse
from wagtail import hooks
from wagtail.permissions import register_permission_policy

from crm.mail import desk
from crm.mail.closed_addresses import OptOutPolicy, closed_addresses
from crm.mail.inbox import inbox
from crm.mail.models import InboundMail, Message, Suppression
from crm.mail.viewsets import LookOnlyPolicy, outbox

register_permission_policy(Message, LookOnlyPolicy(Message))
register_permission_policy(Suppression, OptOutPolicy(Suppression))
register_permission_policy(InboundMail, LookOnlyPolicy(InboundMail))


@hooks.register("register_admin_viewset")
def viewsets():
    return [outbox, inbox, closed_addresses]


@hooks.register("register_admin_urls")
def urls():
    return [
        path("needs-you/", desk.needs_you, name="needs_you"),
        path("needs-you/let-be/", desk.let_be, name="let_be"),
        path("needs-you/reconsider/", desk.reconsider, name="reconsider"),
        path("needs-you/go-on/<str:transport>/", desk.go_on, name="lane_go_on"),
        path("sending-health/", desk.sending_health, name="sending_health"),
    ]


@hooks.register("register_admin_menu_item")
def needs_you_item():
    return desk.NeedsYouItem("Needs you", reverse("needs_you"), name="needs-you", icon_name="warning", order=405)


@hooks.register("register_reports_menu_item")
def sending_health_item():
    return desk.PostRoomItem("Sending health", reverse("sending_health"), name="sending-health", icon_name="history")


@hooks.register("register_log_actions")
def log_actions(actions) -> None:
    actions.register_action("mail.cancel", "Cancel a message", "Cancelled before it was sent.")
    actions.register_action("mail.try_again", "Send a message again", "Queued once more.")
    actions.register_action("mail.take_back", "Do not send a message again", "Taken back before it was sent again.")
    actions.register_action("mail.go_on", "Go on sending", "Sending went on.")
