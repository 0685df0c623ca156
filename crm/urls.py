"""Every address. Each room that has some brings its own list."""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from crm.office import handbook
from crm.office import views as office
from partners import log

urlpatterns = [
    path("healthz", office.healthz, name="healthz"),
    path("admin/", office.today, name="today"),  # in place of Wagtail's own first page
    path("help/", handbook.contents, name="help"),
    path("help/<slug:slug>/", handbook.page, name="help_page"),
    path("admin/log/", log.entrance),  # keeps what somebody logged out has typed
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("media/<path:path>", office.media, name="media"),
    path("", include("crm.mail.urls")),
    path("", include("content.urls")),
    path("", include("partners.urls")),
    path("", include("workshops.urls")),
    path("", include(wagtail_urls)),
]
