"""The parts of the message page that are addresses of their own, and its buttons."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.utils import get_valid_next_url_from_request

from crm.mail import actions, mime
from crm.mail.models import Message
from crm.mail.render import CannotRender, Enclosure, render
from crm.people.models import PracticeProfile
from crm.people.office import OfficeRequest
from crm.people.undo import say

# No script runs in a letter, and nothing is fetched but the practice's own pictures. Links open beside the office.
LETTER_POLICY = (
    f"default-src 'none'; img-src 'self' data: {settings.BASE_URL}; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
GRACE = timedelta(seconds=30)  # to think better of it
OPEN_BESIDE = '<base target="_blank"></head>'

may_read = permission_required("mail.view_message", raise_exception=True)
may_act = permission_required("mail.change_message", raise_exception=True)


def _message(request: HttpRequest, pk: UUID) -> Message:
    return get_object_or_404(Message.objects.seen_by(request.user).select_related("content", "contact", "batch"), pk=pk)


@require_safe
@never_cache
@may_read
def html(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The HTML part, exactly as the reader gets it, in a frame that can do nothing."""
    try:
        page = render(_message(request, pk)).html
    except CannotRender as problem:
        raise Http404(str(problem)) from problem
    return framed(page)


def framed(page: str) -> HttpResponse:
    """A letter's HTML for a frame: it can do nothing, and its links open beside the office."""
    response = HttpResponse(page.replace("</head>", OPEN_BESIDE, 1))
    response["Content-Security-Policy"] = LETTER_POLICY
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
@never_cache
@may_read
def raw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The whole message as it travels."""
    message = _message(request, pk)
    try:
        press = mime.Press(message.content, is_letter=message.is_letter, practice=PracticeProfile.load())
        source = press.printed(message, date=message.settled_at or message.created_at)
    except CannotRender as problem:
        raise Http404(str(problem)) from problem
    return HttpResponse(source, content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
@may_read
def calendar(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The calendar part as a file."""
    message = _message(request, pk)
    if not message.calendar:
        raise Http404("This message has no calendar part.")
    return _download(Enclosure(mime.INVITE, "text/calendar; charset=utf-8", message.calendar.encode()))


@require_safe
@never_cache
@may_read
def attachment(request: HttpRequest, pk: UUID, file: int) -> HttpResponse:
    """One of the files that go with a message."""
    found = get_object_or_404(_message(request, pk).content.attachments, pk=file)
    return _download(Enclosure(found.filename, found.content_type, bytes(found.body)))


def _download(file: Enclosure) -> HttpResponse:
    return HttpResponse(
        file.body,
        content_type=file.content_type,
        headers={"Content-Disposition": f'attachment; filename="{file.filename.replace(chr(34), "")}"'},
    )


@require_POST
@may_act
def cancel(request: OfficeRequest, pk: UUID) -> HttpResponse:
    message = _message(request, pk)
    try:
        actions.cancel(message, by=request.user)
    except actions.NotWaiting:
        messages.error(request, "It is too late to cancel: the message is no longer waiting.")
    else:
        messages.success(request, f"The message to {message.to_email} is cancelled. It will not be sent.")
    return _back(request, pk)


@require_POST
@may_act
def try_again(request: OfficeRequest, pk: UUID) -> HttpResponse:
    message = _message(request, pk)
    try:
        actions.try_again(message, by=request.user, wait=GRACE)
    except actions.NotRepeatable:
        messages.error(request, "Only a message that was refused, or whose fate is unknown, can be sent again.")
    except actions.TooLate:
        messages.error(request, "This message was only worth sending until a time that has passed.")
    else:
        sentence = f"The message to {message.to_email} is queued once more. It leaves within two minutes."
        say(request, sentence, undo=reverse("outbox:take_back", args=[pk]))
    return _back(request, pk)


@require_POST
@may_act
def take_back(request: OfficeRequest, pk: UUID) -> HttpResponse:
    message = _message(request, pk)
    try:
        actions.take_back(message, by=request.user)
    except actions.NotWaiting:
        messages.error(request, "It is too late to take that back: the message is no longer waiting.")
    else:
        messages.success(request, f"Taken back. The message to {message.to_email} is not sent again.")
    return _back(request, pk)


def _back(request: OfficeRequest, pk: UUID) -> HttpResponse:
    """Where the tap came from, else the message."""
    return redirect(get_valid_next_url_from_request(request) or reverse("outbox:inspect", args=[pk]))
