from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_required

from crm.people.office import OfficeRequest
from crm.people.undo import say
from partners import actions
from partners.models import Script
from partners.scripts import WORDS


@permission_required("partners.change_script")
@require_POST
def switch(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take a script into use or out of it."""
    script = get_object_or_404(Script, pk=pk)
    is_on = request.POST.get("on") == "1"
    if actions.switch(script, is_on=is_on, by=request.user):
        sentence = f"{script}: {'in use again' if is_on else 'switched off'}."
        say(request, sentence, undo=reverse("switch_script", args=[pk]), on="0" if is_on else "1")
    else:
        messages.info(request, f"{script} was {'in use' if is_on else 'off'} already.")
    return redirect(script)


@permission_required("partners.change_script")
@require_POST
def restore(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give a script our words back; undo brings the owner's."""
    script = get_object_or_404(Script, pk=pk)
    was = {name: getattr(script, name) for name in WORDS}
    try:
        actions.restore_words(script, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, f"{script}: our words are back.", undo=reverse("rewrite_script", args=[pk]), **was)
    return redirect(script)


@permission_required("partners.change_script")
@require_POST
def rewrite(request: OfficeRequest, pk: int) -> HttpResponse:
    """Put the words back that stood there before."""
    script = get_object_or_404(Script, pk=pk)
    words = {name: request.POST.get(name, "").strip() for name in WORDS}
    lengths = {name: getattr(Script._meta.get_field(name), "max_length", None) or 2_000 for name in WORDS}
    if all(words[name] or name == "second_question" for name in WORDS) and all(
        len(words[name]) <= lengths[name] for name in WORDS
    ):
        actions.rewrite(script, words=words, by=request.user)
        say(request, f"{script}: your words are back.")
    else:
        messages.error(request, "These words are not complete. Edit the script instead.")
    return redirect(script)
