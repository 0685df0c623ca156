from __future__ import annotations

from wagtail.admin.viewsets.model import ModelViewSetGroup

from crm.people.viewsets import ContactViewSet
from partners.viewsets.gift import GiftViewSet
from partners.viewsets.partner import PartnerViewSet
from partners.viewsets.plan import PlanViewSet
from partners.viewsets.referral import ReferralViewSet
from partners.viewsets.script import ScriptViewSet
from partners.viewsets.todo import ToDoViewSet
from partners.viewsets.touch import TouchViewSet


class PartnersGroup(ModelViewSetGroup):
    items = (
        PartnerViewSet,
        ToDoViewSet,
        ReferralViewSet,
        TouchViewSet,
        GiftViewSet,
        ScriptViewSet,
        ContactViewSet,
        PlanViewSet,
    )
    menu_label = "Partners"
    menu_icon = "group"
    menu_order = 100
    submenu_hook = "register_partners_menu_item"
