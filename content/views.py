from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from content import colors
from crm.people.models import PracticeProfile

YEAR = 31_536_000


@require_safe
def theme(request: HttpRequest) -> HttpResponse:
    """The practice's colours as CSS custom properties. An address that names them may be kept for a year."""
    practice = PracticeProfile.load(request_or_site=request)
    version = f"{practice.brand_color[1:]}{practice.accent_color[1:]}".lower()
    tokens = colors.palette(practice.brand_color, practice.accent_color)
    body = ":root{" + "".join(f"--{name}:{value};" for name, value in tokens.items()) + "}\n"
    response = HttpResponse(body, content_type="text/css; charset=utf-8")
    is_named = request.GET.get("v") == version
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable" if is_named else "public, max-age=300"
    etag = quote_etag(version)
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Crawlers may read the site, not the office and not anybody's own pages."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in ("/admin/", "/r/", "/u/", "/p/", "/calendar/", "/refer/")),
        "",
        f"Sitemap: {settings.BASE_URL}/sitemap.xml",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
