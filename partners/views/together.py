"""Done, or put off: exactly the to dos ticked in the list."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_required
from wagtail.admin.utils import get_valid_next_url_from_request

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions
from partners.actions import together
from partners.views.returning import in_days, parse_day

NOTHING = "Tick at least one to do first."
NOT_OPEN = "None of these is open any more. Reload the page to see what became of them."
MOST = 500


@permission_required("partners.change_followup")
@require_POST
def deed(request: OfficeRequest) -> HttpResponse:
    """Do what was pressed to the rows that are ticked, and offer to undo all of it."""
    keys = _keys(request.POST.getlist("id"))
    if not keys:
        messages.error(request, NOTHING)
    elif request.POST.get("deed") == "done":
        done = together.complete_all(keys, by=request.user)
        _tell(request, f"Done: {_many(len(done))}.", {todo.pk for todo in done}, undone="reopen")
    else:
        _snooze(request, keys)
    return _back(request)


@permission_required("partners.change_followup")
@require_POST
def undo(request: OfficeRequest) -> HttpResponse:
    """Undo one deed for all it was done to."""
    said = request.POST.get("rows", "").split(",")
    if request.POST.get("deed") == "reopen":
        undone = together.reopen_all(_keys(said), by=request.user)
    else:
        undone = together.unsnooze_all(_days(said), by=request.user)
    say(request, f"Undone: {_many(len(undone))}.")
    return _back(request)


def _snooze(request: OfficeRequest, keys: list[int]) -> None:
    days = request.POST.get("deed", "")
    until = in_days(days) if days.isdecimal() else parse_day(request.POST.get("until", ""))
    if until is None:
        messages.error(request, "Choose a day to put them off to.")
        return
    try:
        was = together.snooze_all(keys, until=until, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
        return
    rows = {f"{pk}:{day.isoformat()}" for pk, day in was.items()}
    _tell(request, f"Snoozed to {date_format(until, 'MONTH_DAY_FORMAT')}: {_many(len(was))}.", rows, undone="unsnooze")


def _tell(request: OfficeRequest, sentence: str, rows: set, *, undone: str) -> None:
    if not rows:
        messages.error(request, NOT_OPEN)
        return
    say(request, sentence, undo=reverse("undo_together"), deed=undone, rows=",".join(sorted(map(str, rows))))


def _keys(said: list[str]) -> list[int]:
    return [int(key) for key in said if key.isdecimal() and len(key) < 16][:MOST]


def _days(said: list[str]) -> dict[int, date]:
    found = {}
    for row in said[:MOST]:
        key, _colon, words = row.partition(":")
        day = parse_day(words)
        if key.isdecimal() and len(key) < 16 and day:
            found[int(key)] = day
    return found


def _many(count: int) -> str:
    return "1 to do" if count == 1 else f"{count} to dos"


def _back(request: OfficeRequest) -> HttpResponse:
    """The list as it was left."""
    shown = QueryDict(request.POST.get("shown", "")).urlencode()
    home = reverse("todos:index") + (f"?{shown}" if shown else "")
    return redirect(get_valid_next_url_from_request(request) or home)
