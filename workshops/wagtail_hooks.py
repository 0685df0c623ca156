from wagtail import hooks

from workshops.viewsets import WorkshopsGroup


@hooks.register("register_admin_viewset")
def register_workshops():
    return WorkshopsGroup()
