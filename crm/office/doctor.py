"""Is this installation fit to send? The doctor's whole list: the house itself, then the post room's checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm.mail import doctor as post_room
from crm.mail.doctor import Case, Finding, Verdict
from crm.mail.doctor.findings import fit, not_needed, unfit
from crm.office import health

WHAT_TO_DO = {
    "database": "Look whether PostgreSQL runs and DATABASE_URL is right.",
    "worker": "Start it: “make run” starts everything.",
    "outbox": "Look in the outbox what holds it up.",
}


@dataclass(frozen=True)
class HouseCheck:
    """One part of what /healthz looks at."""

    part: str

    @property
    def name(self) -> str:
        return self.part.capitalize()

    @property
    def slug(self) -> str:
        return slugify(self.name)

    def run(self, case: Case | None) -> Finding:
        said = str(health.examine()[self.part])
        if said == "well":
            found = fit(f"The {self.part} is well.")
        elif self.part != "database" and case and case.is_at_home:
            found = not_needed(f"The {self.part} is {said}.", WHAT_TO_DO[self.part])
        else:
            found = unfit(f"The {self.part} is {said}.", WHAT_TO_DO[self.part])
        return replace(found, name=self.name)


DATABASE = HouseCheck("database")
HOUSE = (DATABASE, HouseCheck("worker"), HouseCheck("outbox"))
CHECKS = (*HOUSE, *post_room.CHECKS)


def examine() -> Iterator[Finding]:
    """Each finding as soon as it is known; without a database nothing else can be known."""
    found = DATABASE.run(None)
    yield found
    if found.verdict is Verdict.FIT:
        case = Case()
        for check in CHECKS[1:]:
            yield check.run(case)


def summary(findings: list[Finding]) -> str:
    """The whole list in one sentence."""
    unfit_ones = [found for found in findings if found.verdict is Verdict.UNFIT]
    unsure_ones = [found for found in findings if found.verdict is Verdict.UNSURE]
    if unfit_ones:
        names = ", ".join(found.name for found in unfit_ones)
        return f"Not fit to send yet. To mend: {names}."
    if unsure_ones:
        return f"Nothing is wrong, but look yourself at: {', '.join(found.name for found in unsure_ones)}."
    if any(found.name == "Way out" and found.verdict is Verdict.NOT_NEEDED for found in findings):
        return "This installation sends nothing, so it need not be fit to. The list says what sending would need."
    return "This installation is fit to send."


may_run = permission_required("mail.change_message", raise_exception=True)


@may_run
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show the list; POST runs it all at once, for whom the script that runs it check by check is not there."""
    findings = list(examine()) if request.method == "POST" else []
    context = {"checks": CHECKS, "findings": findings, "summary": summary(findings) if findings else ""}
    return render(request, "office/doctor.html", context)


@may_run
@require_POST
@never_cache
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """Run one check and return its line of the list."""
    check = next((check for check in CHECKS if check.slug == slug), None)
    if check is None:
        raise Http404("The doctor has no such check.")
    return render(request, "office/_finding.html", {"finding": check.run(Case())})
