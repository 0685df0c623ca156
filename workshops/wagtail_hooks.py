from wagtail import hooks

from workshops.viewsets import WorkshopsGroup, host_chooser


@hooks.register("register_admin_viewset")
def register_workshops():
    return WorkshopsGroup()


@hooks.register("register_admin_viewset")
def register_host_chooser():
    return host_chooser
