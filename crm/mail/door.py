"""The side door for what machines post: no session, no cookie, no question to the database before the signature."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

MACHINES = "/mail/"


class SideDoor:
    """Leads posts from the mail provider straight to their view; they have no use for what comes after this."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(MACHINES):
            return self.get_response(request)
        try:
            found = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        return found.func(request, *found.args, **found.kwargs)


class Knocks(logging.Filter):
    """Keeps out of the log each knock at the side door by somebody who may not come in."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        return not (request and request.path_info.startswith(MACHINES) and getattr(record, "status_code", 0) < 500)
