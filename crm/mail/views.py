"""The pages behind a letter's links. They ask for no login, no cookie and no token of ours but the link's."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from crm.mail import actions, links
from crm.mail import preferences as wishes
from crm.mail.events import take_in
from crm.mail.models import Message, Suppression
from crm.mail.preferences import OnlyByHand, Preferences, PreferencesForm, preferences_of
from crm.mail.signatures import signed_body
from crm.people.guard import is_hammered

MOST_PRESSES = 20
MOST_YESES = 10  # in ten minutes: each yes is a line in a ledger that only grows
ONE_CLICK_DONE = "You are unsubscribed.\n"
MOST_BYTES = 1_500_000  # SendGrid posts its events at 768 KB


@csrf_exempt
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """SendGrid's event webhook. A 204 says that what it told us is kept; anything else, and it will tell us again."""
    body = signed_body(request, keys=settings.SENDGRID_WEBHOOK_KEY, at_most=MOST_BYTES)
    if body is None:
        return HttpResponseForbidden()
    take_in(body)
    return HttpResponse(status=204)


@csrf_exempt  # mail providers press the button for the reader (RFC 8058); the token in the address is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks and changes nothing, because scanners follow links; POST takes the reader off the list at once.

    What a provider posts is never read: whatever its form, it means one thing. Our own button adds ``?page``.
    """
    message = links.message_of(token)
    if message is None:
        return _page(request, "unknown_link", status=404)
    if request.method != "POST":
        return _page(request, "unsubscribed" if _is_off(message) else "unsubscribe", message=message, token=token)
    if is_hammered(f"unsubscribe:{message.pk}", most=MOST_PRESSES) and _is_off(message):
        return _page(request, "too_often", status=429)
    actions.unsubscribe(message)
    if "page" not in request.GET:
        return _private(HttpResponse(ONE_CLICK_DONE, content_type="text/plain; charset=utf-8"))
    return _page(request, "unsubscribed", message=message, token=token)


@csrf_exempt
@never_cache
@require_POST
def undo_unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The reader takes their own unsubscribe back."""
    message = links.message_of(token)
    if message is None:
        return _page(request, "unknown_link", status=404)
    if is_hammered(f"yes:{message.pk}", most=MOST_YESES):
        return _page(request, "too_often", status=429)
    actions.resubscribe(message)
    return _page(request, "still_off" if _is_off(message) else "resubscribed", message=message, token=token)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """What the reader wants to hear about, and a pause; what they choose holds at once and can be undone."""
    message = links.message_of(token)
    if message is None:
        return _page(request, "unknown_link", status=404)
    now = preferences_of(message)
    if request.method != "POST" or message.contact_id is None:
        return _page(request, "preferences", message=message, token=token, now=now, pauses=wishes.PAUSES)
    form = PreferencesForm(request.POST, now=now)
    if not form.is_valid():
        return _page(request, "unknown_choice", status=422, message=message, token=token)
    return _choose(request, form, message=message, token=token, before=now)


def _choose(
    request: HttpRequest, form: PreferencesForm, *, message: Message, token: str, before: Preferences
) -> HttpResponse:
    topics, paused_until = form.cleaned_data["topics"], form.cleaned_data["pause"]
    if topics and is_hammered(f"yes:{message.pk}", most=MOST_YESES):  # a no is never refused
        return _page(request, "too_often", status=429)
    try:
        wishes.choose(message, topics=topics, paused_until=paused_until)
    except OnlyByHand:
        return _page(request, "still_off", message=message)
    return _page(
        request, "preferences", message=message, token=token, before=before, now=preferences_of(message),
        pauses=wishes.PAUSES,
    )  # fmt: skip


def _is_off(message: Message) -> bool:
    return Suppression.objects.of(message.to_email).exists()


def _page(request: HttpRequest, name: str, *, status: int = 200, **context) -> HttpResponse:
    return _private(render(request, f"mail/{name}.html", context, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"  # the address of this page is a key
    return response
