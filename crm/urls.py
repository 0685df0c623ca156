"""Every address. Each room that has some brings its own list."""

from django.conf import settings
from django.urls import include, path
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from crm.office import handbook
from crm.office import views as office

urlpatterns = [
    path("healthz", office.healthz, name="healthz"),
    path("admin/", office.today, name="today"),  # in place of Wagtail's own first page
    path("help/", handbook.contents, name="help"),
    path("help/<slug:slug>/", handbook.page, name="help_page"),
    path("admin/", include(wagtailadmin_urls)),
    path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}),
    path("", include("crm.mail.urls")),
    path("", include("content.urls")),
    path("", include("workshops.urls")),
    path("", include(wagtail_urls)),
]
