from wagtail import hooks
from wagtail.permissions import register_permission_policy

from crm.mail.inbox import InboxPolicy, inbox
from crm.mail.models import InboundMail, Message, Suppression
from crm.mail.viewsets import LookOnlyPolicy, OptOutPolicy, closed_addresses, outbox

register_permission_policy(Message, LookOnlyPolicy(Message))
register_permission_policy(Suppression, OptOutPolicy(Suppression))
register_permission_policy(InboundMail, InboxPolicy(InboundMail))


@hooks.register("register_admin_viewset")
def viewsets():
    return [outbox, inbox, closed_addresses]


@hooks.register("register_log_actions")
def log_actions(actions) -> None:
    actions.register_action("mail.cancel", "Cancel a message", "Cancelled before it was sent.")
    actions.register_action("mail.try_again", "Send a message again", "Queued once more.")
