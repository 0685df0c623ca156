"""Say what was done, with a button that undoes it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.template.loader import render_to_string
from wagtail.admin.utils import get_valid_next_url_from_request


def say(request: HttpRequest, sentence: str, *, undo: str = "", label: str = "Undo", **fields: object) -> None:
    """Tell the person at the next page; ``undo`` is the address that a tap posts ``fields`` to."""
    here = get_valid_next_url_from_request(request)
    context = {"sentence": sentence, "undo": undo, "label": label, "fields": fields, "next": here}
    messages.success(request, render_to_string("people/_said.html", context, request=request))
