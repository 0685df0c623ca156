"""The front desk: shows a page with its form, takes the answer, and says thank you."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse

from content.forms import LeadForm

if TYPE_CHECKING:
    from content.models import PublicPage

THANKS = "thanks"


def answer(page: PublicPage, request: HttpRequest, *, is_thanks: bool = False) -> HttpResponse:
    """Serve a page. A form that was answered well leads on to the thank-you step, so a reload sends nothing again."""
    if request.method == "POST":
        return take(page, request) if page.has_form and not is_thanks else HttpResponseNotAllowed(["GET", "HEAD"])
    return show(page, request, form=blank_form(page, request), is_thanks=is_thanks)


def blank_form(page: PublicPage, request: HttpRequest) -> LeadForm | None:
    return LeadForm(request=request, question=page.form_question) if page.has_form else None


def take(page: PublicPage, request: HttpRequest) -> HttpResponse:
    """Turn an answer into a lead. What fell into the trap is thanked and forgotten."""
    from content import actions  # the models stand between the two

    form = LeadForm(request.POST, request=request, question=page.form_question)
    if not form.is_trapped:
        if not form.is_valid():
            return show(page, request, form=form, status=422)
        actions.receive_lead(page, **form.answer)
    return HttpResponseRedirect(f"{page.get_url(request)}{THANKS}/")


def show(
    page: PublicPage,
    request: HttpRequest,
    *,
    form: LeadForm | None,
    is_thanks: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = page.get_context(request) | {"form": form, "is_thanks": is_thanks}
    template = "content/thanks.html" if is_thanks else page.get_template(request)
    return TemplateResponse(request, template, context, status=status)
