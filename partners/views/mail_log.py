from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from partners import mail_log


@permission_required("partners.add_touch")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def by_mail(request: OfficeRequest) -> HttpResponse:
    """Show the address that logs what it is sent a copy of; make one, or another one."""
    if request.method == "POST":
        had_one = mail_log.address_of(request.user)
        mail_log.renew(request.user)
        messages.success(
            request,
            "This is your new address. What goes to the old one is not logged any more."
            if had_one
            else "This is your address. Put it into your contacts, and into Bcc when you write to a partner.",
        )
        return redirect("log_by_mail")
    context = {"log_address": mail_log.address_of(request.user), "has_host": bool(settings.INBOUND_HOST)}
    return render(request, "partners/log_by_mail.html", context)
