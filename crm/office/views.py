from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm.office import health


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when database, worker and outbox are well, 503 with what is wrong otherwise."""
    report = health.examine()
    return JsonResponse(report, status=200 if report["ok"] else 503)
