from wagtail import hooks

from workshops import timeline
from workshops.viewsets import WorkshopsGroup


@hooks.register("register_admin_viewset")
def register_workshops():
    return WorkshopsGroup()


@hooks.register("partner_timeline")
def tell_hosted_workshops(partner, limit):
    return timeline.hosted(partner, limit)
