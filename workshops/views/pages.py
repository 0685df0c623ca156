"""The public pages: what is coming, and one workshop with its form. Only a POST registers anybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.people.composed import records
from crm.people.guard import is_hammered
from crm.people.models import PracticeProfile
from crm.people.private import private
from workshops import actions, entrance, invites, structured
from workshops.entrance import Entrance
from workshops.forms import NEWS_WORDING, CodeForm, RegistrationForm, new_submission
from workshops.models import HELD, Registration, Workshop

PAST_SHOWN = 12
CANCELLED_SHOWN_FOR = timedelta(days=30)
MOST_DOUBTFUL = 200  # of one workshop in ten minutes; what comes on top is not even kept
ANSWER = "registered"  # the cookie with who of a party has a seat, for the page of thanks alone
ANSWER_KEPT = 3600  # seconds


@require_safe
def workshop_list(request: HttpRequest) -> HttpResponse:
    workshops = Workshop.objects.listed().select_related("host")
    context = {"coming": workshops.coming(), "past": workshops.past().exclude(state="cancelled")[:PAST_SHOWN]}
    return render(request, "workshops/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def workshop_page(request: HttpRequest, slug: str, code: str = "") -> HttpResponse:
    """One workshop and its form; ``code`` is the partner's whose link brought them."""
    way = _way(request, slug, code)
    if not way.is_open:
        return _closed_door(request, way)
    form = RegistrationForm(request.POST if _is_sent(request) else None, workshop=way.workshop, request=request)
    if request.POST.get("change"):
        form = RegistrationForm.reshaped(request, workshop=way.workshop)
    elif request.method == "POST" and form.is_valid():
        try:
            return _register(way, form)
        except actions.Refusal as refusal:
            form.add_error(None, str(refusal))
            way.workshop.refresh_from_db()
    return _show(request, way, form)


@require_safe
@private
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    """Who has a seat and who waits; the same for those who were registered before."""
    way = _way(request, slug)
    if not way.is_open:
        return _closed_door(request, way)
    context = {
        "workshop": way.workshop,
        "way": way,
        "has_seat": request.GET.get("seat") == "yes",
        "is_asked": request.GET.get("seat") == "asked",
        "party": _party(request),
        "ics_url": way.to("workshop_calendar"),
        **add_links(way.workshop),
    }
    return render(request, "workshops/thanks.html", context)


@require_safe
def workshop_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    way = _way(request, slug)
    if not way.is_open:
        return _closed_door(request, way)
    practice = PracticeProfile.load(request_or_site=request)
    return calendar_file(invites.published(way.workshop, practice), way.workshop)


def add_links(workshop: Workshop) -> dict[str, str]:
    """A copy of the event for calendars that do not read invites."""
    return {
        "google_link": invites.google_link(workshop),
        "outlook_link": invites.outlook_link(workshop),
        "office_link": invites.outlook_link(workshop, host="outlook.office.com"),
    }


def calendar_file(text: str, workshop: Workshop) -> HttpResponse:
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response["Content-Disposition"] = f'attachment; filename="{workshop.slug}.ics"'
    return response


def _way(request: HttpRequest, slug: str, code: str = "") -> Entrance:
    """How this visitor came. A draft is there for those alone who may see it in the office."""
    found = records(_at_address, request.method != "POST", now=timezone.now(), slug=slug)
    if not found:
        raise Http404("There is no such workshop.")
    [workshop] = found
    if workshop.state == Workshop.State.DRAFT:
        if not request.user.has_perm("workshops.view_workshop"):
            raise Http404("There is no such workshop.")
        return Entrance(workshop, None, workshop.code)
    return entrance.of(request, workshop, code)


def _at_address(is_shown: bool, *, now: datetime, key: int, slug: str) -> QuerySet[Workshop]:
    found = Workshop.objects.filter(slug=slug).order_by()
    # An answer to a form is seldom shown, and 300 may come in a second.
    return found.select_related("host", "topic", "picture") if is_shown else found


def _is_sent(request: HttpRequest) -> bool:
    return request.method == "POST" and not request.POST.get("change")


@private
def _closed_door(request: HttpRequest, way: Entrance) -> HttpResponse:
    """Nothing of a private workshop is told to who has no code, not even its title."""
    form = CodeForm(initial={"code": request.GET.get("code", "")[:20]})
    context = {"form": form, "is_wrong": bool(way.code), "is_barred": way.is_barred}
    return render(request, "workshops/closed_door.html", context, status=429 if way.is_barred else 403)


def _show(request: HttpRequest, way: Entrance, form: RegistrationForm) -> HttpResponse:
    workshop = way.workshop
    practice = PracticeProfile.load(request_or_site=request)
    is_listed = not workshop.is_private and workshop.state != Workshop.State.DRAFT
    waiting = workshop.registrations.waiting().count() if workshop.is_open and way.is_full else 0
    context = {
        "workshop": workshop,
        "way": way,
        "form": form,
        "waiting": waiting,
        "ics_url": way.to("workshop_calendar"),
        "is_listed": is_listed,
        "event": structured.event(workshop, practice) if is_listed else None,
    }
    view = render if is_listed else private(render)
    return view(request, "workshops/workshop.html", context, status=_status(workshop, form))


def _register(way: Entrance, form: RegistrationForm) -> HttpResponse:
    """Register, and answer alike whether or not an address was known: nobody learns here who is coming."""
    typed, people, workshop = form.cleaned_data, form.people, way.workshop
    submission = typed["submission"] or new_submission()
    if form.doubt and is_hammered(f"doubtful:{workshop.pk}", most=MOST_DOUBTFUL):
        return _thanks(way, _answers(way, people, []))
    registered = actions.register_party(
        workshop,
        people,
        news=NEWS_WORDING if typed["wants_news"] else "",
        phone=typed["phone"],
        heard_from=typed["heard_from"],
        submission=submission,
        source=way.source,
        credited_to=way.partner,
        is_hosts=way.is_hosts,
        doubt=form.doubt,
        asks_again=way.asks_again,
    )
    new = [row if row.submission == submission else None for row in registered]
    return _thanks(way, _answers(way, people, new))


def _answers(
    way: Entrance, people: Sequence[actions.Person], new: Sequence[Registration | None]
) -> list[tuple[str, bool]]:
    """Who has a seat. Of those who were here before, and of those we doubt, we say what a stranger would hear."""
    left, answers = way.seats_left, []
    for number, person in enumerate(people):
        row = new[number] if number < len(new) else None
        is_sure = row is not None and row.state not in HELD
        answers.append((person.name, row.has_seat if row and is_sure else left > 0))
        left -= answers[-1][1]
    return answers


def _thanks(way: Entrance, answers: Sequence[tuple[str, bool]]) -> HttpResponse:
    if way.asks_again:  # the same for everybody: what they are told depends on the letter
        return redirect(way.to("workshop_thanks", seat="asked"))
    response = redirect(
        way.to("workshop_thanks", seat="yes" if any(has_seat for _name, has_seat in answers) else "list")
    )
    if len(answers) > 1:
        response.set_cookie(
            ANSWER,
            signing.dumps([(name[:40], has_seat) for name, has_seat in answers], salt=ANSWER, compress=True),
            max_age=ANSWER_KEPT,
            path=response.url.partition("?")[0],
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(ANSWER, path=response.url.partition("?")[0], samesite="Lax")
    return response


def _party(request: HttpRequest) -> list[tuple[str, bool]]:
    try:
        return signing.loads(request.COOKIES.get(ANSWER, ""), salt=ANSWER, max_age=ANSWER_KEPT)
    except signing.BadSignature:
        return []


def _status(workshop: Workshop, form: RegistrationForm) -> int:
    """A cancelled workshop is gone for good once everybody who knew of it had time to look."""
    if workshop.cancelled_at and workshop.cancelled_at < timezone.now() - CANCELLED_SHOWN_FOR:
        return 410
    return 422 if form.has_errors else 200
