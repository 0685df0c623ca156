"""Say what was done, with a button that undoes it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from wagtail.admin.utils import get_valid_next_url_from_request


def say(request: HttpRequest, sentence: str, *, undo: str = "", label: str = "Undo", **fields: object) -> None:
    """Tell the person at the next page; ``undo`` is the address that a tap posts ``fields`` to."""
    messages.success(request, said(request, sentence, undo=undo, label=label, **fields))


def said(request: HttpRequest, sentence: str, *, undo: str = "", label: str = "Undo", **fields: object) -> SafeString:
    """The same words with their button, for a page that shows them itself."""
    here = get_valid_next_url_from_request(request)
    context = {"sentence": sentence, "undo": undo, "label": label, "fields": fields, "next": here}
    return render_to_string("people/_said.html", context, request=request)
