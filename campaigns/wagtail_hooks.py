from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks

from campaigns.viewsets import CampaignsGroup


@hooks.register("register_admin_viewset")
def campaigns():
    return CampaignsGroup()


@hooks.register("insert_global_admin_css")
def stylesheet() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("campaigns/office.css"))
