"""An import is taken back: what it made goes, what it changed is restored, what was worked on since stays."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from auditlog.models import LogEntry
from django.db.models import Model, Q
from django.utils import timezone

from crm.people.models import ConsentEvent, Contact
from partners.actions.joining import links_to
from partners.imports import writing
from partners.models import ImportBatch, ImportRow, NotOnePerson, NotTwins, Partner, Rhythm, Role, Touch

Fate = ImportRow.Fate
CHUNK = 1000
APART: dict[type[Model], Any] = {Partner: NotTwins, Contact: NotOnePerson}
# Not touched by a person's editing, or not worth keeping a partner for.
OWN = {"id", "code", "batch", "created_at", "created_by", "stage_changed_at"}


def undo(batch: ImportBatch, *, by, report: Callable[[int], None]) -> dict:
    """Undo every row and return the counts, with how many partners went, were restored, and stayed."""
    tally: Counter[str] = Counter(batch.counts)
    rows = list(batch.rows.filter(fate__in=(Fate.NEW, Fate.UPDATE)).order_by("-number"))
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        keepers = _reasons_to_keep([row for row in chunk if row.fate == Fate.NEW], batch)
        for row in chunk:
            row.kept = "" if row.partner_id else "It was removed before."
            row.kept = row.kept or keepers.get(row.partner_id or 0, "") if row.fate == Fate.NEW else row.kept
        _take_people_back(batch, [row for row in chunk if not row.kept], by)
        _restore(batch, [row for row in chunk if row.fate == Fate.UPDATE and row.partner_id], by)
        gone = [row for row in chunk if row.fate == Fate.NEW and not row.kept]
        _remove(batch, Partner, [row.partner_id for row in gone if row.partner_id], by)
        tally["removed"] += len(gone)
        tally["restored"] += sum(1 for row in chunk if row.fate == Fate.UPDATE and not row.kept)
        tally["kept"] += sum(1 for row in chunk if row.kept)
        ImportRow.objects.bulk_update([row for row in chunk if row.kept], ["kept"], batch_size=200)
        report((start + len(chunk)) * batch.rows_total // len(rows))
    return tally


def _reasons_to_keep(rows: list[ImportRow], batch: ImportBatch) -> dict[int, str]:
    """Why a partner that the import made stays: edited since, or something hangs on it."""
    ours = {row.partner_id: row for row in rows if row.partner_id}
    reasons: dict[int, str] = {}
    for partner in Partner.objects.filter(pk__in=ours):
        changed = _edited_fields(partner, ours[partner.pk].said["values"])
        if changed:
            reasons[partner.pk] = f"Edited since: {', '.join(changed)}."
    after = batch.rows.filter(partner__in=ours).values_list("after", flat=True)
    made_by_us = {put.get("person", {}).get("role") for put in after}
    others = Role.objects.filter(partner__in=ours).exclude(pk__in=made_by_us - {None})
    for pk in others.values_list("partner", flat=True):
        reasons.setdefault(pk, "A person was added since.")
    for pk, what in _attached(Partner, ours, besides=(ImportRow, Role, Rhythm, NotTwins)).items():
        reasons[pk] = f"It has {what} by now."
    return reasons


def _edited_fields(partner: Partner, said: dict) -> list[str]:
    fields = [field for field in Partner._meta.concrete_fields if field.name not in OWN]
    return [
        str(field.verbose_name)
        for field in fields
        if getattr(partner, field.attname) != said.get(field.name, _default(field))
    ]


def _default(field):
    return None if field.null and not field.has_default() else field.get_default()


def _attached(model: type[Model], pks: Iterable[int], *, besides: tuple) -> dict[int, str]:
    """What of other rooms hangs on these rows. Asked of the tables, so a room above need not be known, and none is forgotten."""
    found: dict[int, set[str]] = defaultdict(set)
    for link in links_to(model).values():
        if link.model in besides:
            continue
        holders = link.model._base_manager.filter(**{f"{link.name}__in": list(pks)})
        for pk in holders.values_list(link.name, flat=True).distinct():
            found[pk].add(_called(link.model))
    return {pk: " and ".join(sorted(names)) for pk, names in found.items()}


def _called(model: type[Model]) -> str:
    """Who stands at a touch is told as the touch."""
    if model is Touch.contacts.through:
        model = Touch
    return str(model._meta.verbose_name_plural)


def _restore(batch: ImportBatch, rows: list[ImportRow], by) -> None:
    """Put back what stood on a partner, field by field, unless a person has changed it since."""
    partners = Partner.objects.in_bulk([row.partner_id for row in rows])
    changed: dict[int, tuple[str, dict]] = {}
    fields: set[str] = set()
    for row in rows:
        partner, put = partners[row.partner_id], row.after.get("partner", {})
        mine = {name: value for name, value in put.items() if getattr(partner, name) == value}
        edited = sorted(name.replace("_", " ") for name in put if name not in mine)
        if edited:
            row.kept = f"Changed again since, so left: {', '.join(edited)}."
        for name in mine:
            setattr(partner, name, row.before[name])
        fields |= set(mine)
        changed[partner.pk] = (partner.name, {name: (put[name], row.before[name]) for name in mine})
    if fields:
        Partner.objects.bulk_update(partners.values(), sorted(fields), batch_size=200)
    changed = {pk: change for pk, change in changed.items() if change[1]}
    writing.note(Partner, LogEntry.Action.UPDATE, changed, batch=batch, by=by)


def _take_people_back(batch: ImportBatch, rows: list[ImportRow], by) -> None:
    """Take the roles the import made, and the contacts it made where nothing else holds them."""
    brought = [row for row in rows if row.after.get("person")]
    _remove(batch, Role, [row.after["person"]["role"] for row in brought], by)
    new = {row.after["person"]["contact"]: row for row in brought if row.after["person"]["is_new"]}
    _unfill(batch, {row.after["person"]["contact"]: row for row in brought if row.after["person"]["filled"]}, by)
    held = _attached(Contact, new, besides=(ConsentEvent, NotOnePerson))
    ledger = list(ConsentEvent.objects.filter(contact__in=new).values_list("contact", "source"))
    own_word = {contact for contact, source in ledger if source != "import"}
    free = [
        contact
        for contact in Contact.objects.filter(pk__in=new.keys() - held.keys() - own_word)
        if _is_untouched(contact, new[contact.pk].said["person"])
    ]
    # The consent ledger is never erased, so a person in it can only be archived.
    in_ledger = {contact for contact, _ in ledger}
    archived = {contact.pk for contact in free if contact.pk in in_ledger}
    now = timezone.now()
    Contact.objects.filter(pk__in=archived).update(archived_at=now)
    put_away = {contact.pk: (str(contact), {"archived_at": (None, now)}) for contact in free if contact.pk in archived}
    writing.note(Contact, LogEntry.Action.UPDATE, put_away, batch=batch, by=by)
    _remove(batch, Contact, [contact.pk for contact in free if contact.pk not in archived], by)


def _unfill(batch: ImportBatch, rows: dict[int, ImportRow], by) -> None:
    emptied: dict[int, tuple[str, dict]] = {}
    for contact in Contact.objects.filter(pk__in=rows):
        filled = rows[contact.pk].after["person"]["filled"]
        mine = {name: "" for name, value in filled.items() if getattr(contact, name) == value}
        if mine:
            Contact.objects.filter(pk=contact.pk).update(**mine)
            emptied[contact.pk] = (str(contact), {name: (filled[name], "") for name in mine})
    writing.note(Contact, LogEntry.Action.UPDATE, emptied, batch=batch, by=by)


def _is_untouched(contact: Contact, person: dict) -> bool:
    return all(getattr(contact, name) == person.get(name, "") for name in ("name", "email", "phone"))


def _remove(batch: ImportBatch, model: type[Model], pks: list[int], by) -> None:
    """Delete without loading what refers to the rows: that nothing does has been asked, and the database holds it."""
    gone: dict[int, tuple[str, dict]] = {row.pk: (str(row), {}) for row in _named(model, pks)}
    if model is Partner:
        ImportRow.objects.filter(partner__in=gone).update(partner=None)
    if apart := APART.get(model):  # of somebody who is gone, nobody need say that they are two
        apart.objects.filter(Q(first__in=gone) | Q(second__in=gone)).delete()
    rows = model._base_manager.filter(pk__in=gone)
    rows._raw_delete(rows.db)
    writing.note(model, LogEntry.Action.DELETE, gone, batch=batch, by=by)


def _named(model: type[Model], pks: list[int]) -> Iterable[Model]:
    rows = model._base_manager.filter(pk__in=pks)
    return rows.select_related("contact") if model is Role else rows
