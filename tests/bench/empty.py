"""The smallest Django project there is: one view, no middleware, no database. The ceiling for our pages."""

from __future__ import annotations

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="for nobody", ALLOWED_HOSTS=["localhost"], USE_TZ=True)


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Hello.")


urlpatterns = [path("", empty)]
application = get_wsgi_application()
