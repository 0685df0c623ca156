"""Everything that is kept of one person, as a file for whoever asks what we know of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import BinaryField, ForeignObjectRel, Model
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from crm.people.exports import note_export
from crm.people.models import Contact
from crm.people.office import OfficeRequest

# Keys to pages of theirs, and marks of ours: they tell nothing of anybody, and a file goes astray.
LEFT_OUT = frozenset({"token", "code", "answer_key", "submission", "once_key", "dedupe_key", "party"})


def kept_of(contact: Contact) -> dict[str, list[dict[str, Any]]]:
    """The contact and every row of every room that is about it, by what such rows are called."""
    found = {"Contact": [_told(contact)]}
    for rows in _rows_about(contact):
        found.setdefault(str(capfirst(type(rows[0])._meta.verbose_name_plural)), []).extend(map(_told, rows))
    return found


def _rows_about(contact: Contact) -> Iterator[list[Model]]:
    for field in Contact._meta.get_fields(include_hidden=True):
        if isinstance(field, ForeignObjectRel) and not field.many_to_many and field.related_model is not Contact:
            rows = field.related_model._base_manager.filter(**{field.field.name: contact.pk}).order_by("pk")
            if found := list(rows):
                yield found


def _told(row: Model) -> dict[str, Any]:
    """What a row says in words and numbers; links to other rows are left out, for they may name others."""
    fields = [
        field
        for field in row._meta.concrete_fields
        if not (field.is_relation or field.primary_key or isinstance(field, BinaryField) or field.name in LEFT_OUT)
    ]
    told = {str(capfirst(field.verbose_name)): getattr(row, field.attname) for field in fields}
    return {name: value for name, value in told.items() if value not in (None, "", {}, [])}


@permission_required("people.delete_contact", raise_exception=True)
@require_safe
def kept(request: OfficeRequest, pk: int) -> HttpResponse:
    """The file, for owners; that it was taken is written down."""
    contact = get_object_or_404(Contact, pk=pk)
    found = kept_of(contact)
    note_export(
        Contact,
        by=request.user,
        rows=sum(map(len, found.values())),
        kind="json",
        shown=f"what is kept of contact {contact.pk}",
    )
    response = JsonResponse(found, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="kept-{contact.pk}.json"'
    response["Cache-Control"] = "private, no-store"
    return response
