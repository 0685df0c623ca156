"""The office's menu “Workshops”."""

from wagtail.admin.viewsets.model import ModelViewSetGroup

from workshops.viewsets.registration import RegistrationViewSet
from workshops.viewsets.topic import TopicViewSet
from workshops.viewsets.workshop import WorkshopViewSet


class WorkshopsGroup(ModelViewSetGroup):
    items = (WorkshopViewSet, TopicViewSet, RegistrationViewSet)
    menu_label = "Workshops"
    menu_icon = "date"
    menu_order = 200
    submenu_hook = "register_workshops_menu_item"
