from django.contrib.sitemaps.views import sitemap
from django.urls import path
from wagtail.contrib.sitemaps import Sitemap

from content import views
from workshops.sitemaps import WorkshopSitemap

urlpatterns = [
    path("theme.css", views.theme, name="theme"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemap, {"sitemaps": {"pages": Sitemap, "workshops": WorkshopSitemap}}, name="sitemap"),
]
