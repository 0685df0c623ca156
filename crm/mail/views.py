"""The pages behind a letter's unsubscribe link. They ask for no login, no cookie and no token of ours but the link's."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from crm.mail import actions
from crm.mail.links import message_of
from crm.mail.models import Suppression
from crm.people.guard import is_hammered

UNDOS = 5


@csrf_exempt  # mail providers press the button for the reader (RFC 8058); the token in the address is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks and changes nothing, because scanners follow links; POST takes the reader off the list at once."""
    message = message_of(token)
    if message is None:
        return _page(request, "unknown_link", status=404)
    if request.method == "POST":
        actions.unsubscribe(message)
    is_off = Suppression.objects.of(message.to_email).exists()
    return _page(request, "unsubscribed" if is_off else "unsubscribe", message=message, token=token)


@csrf_exempt
@never_cache
@require_POST
def undo_unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The reader takes their own unsubscribe back."""
    message = message_of(token)
    if message is None:
        return _page(request, "unknown_link", status=404)
    if is_hammered(f"resubscribe:{token}", most=UNDOS):  # each yes is a line in a ledger that only grows
        return _page(request, "too_often", status=429)
    actions.resubscribe(message)
    is_off = Suppression.objects.of(message.to_email).exists()
    return _page(request, "still_off" if is_off else "resubscribed", message=message, token=token)


def _page(request: HttpRequest, name: str, *, status: int = 200, **context) -> HttpResponse:
    response = render(request, f"mail/{name}.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"  # the address of this page is a key
    return response
