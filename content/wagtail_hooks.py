from wagtail import hooks

from content.viewsets import lead_viewset


@hooks.register("register_admin_viewset")
def register_leads():
    return lead_viewset
