"""A judged file goes into the tables, in bulk: partners, their people, consent, the audit trail, and what undo needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Field, JSONField, Model
from django.utils import timezone

from crm.people.actions import imply_consents, withdraw_consents
from crm.people.models import Contact, Purpose, User
from partners.imports.matching import Verdict
from partners.models import ImportBatch, ImportRow, Partner, Role
from partners.models.codes import new_code

Fate = ImportRow.Fate
CHUNK = 1000


def write(
    batch: ImportBatch,
    verdicts: list[Verdict],
    *,
    decisions: dict[int, str],
    by: User | None,
    report: Callable[[int], None],
) -> None:
    """Write what the verdicts say. The caller's transaction makes it all or nothing."""
    total = len(verdicts)
    codes = _fresh_codes(sum(1 for verdict in verdicts if verdict.fate == Fate.NEW))
    batch.rows.all().delete()
    for start in range(0, total, CHUNK):
        chunk = verdicts[start : start + CHUNK]
        _create(batch, [verdict for verdict in chunk if verdict.fate == Fate.NEW], codes, by)
        before = _update(batch, [verdict for verdict in chunk if verdict.changes], by)
        people = _add_people(batch, [verdict for verdict in chunk if verdict.has_new_person], by)
        _keep_noes(batch, chunk, by)
        rows = [row_of(batch, verdict, decisions.get(verdict.row.number, "")) for verdict in chunk]
        for row, verdict in zip(rows, chunk, strict=True):
            row.before = before.get(row.number, {})
            row.after = {"partner": verdict.changes, "person": people.get(row.number, {})}
        insert(rows)
        report(total - (total - start - len(chunk)) * 9 // 10)


def row_of(batch: ImportBatch, verdict: Verdict, decision: str = "") -> ImportRow:
    """The verdict as a row of the batch."""
    return ImportRow(
        batch=batch,
        number=verdict.row.number,
        fate=verdict.fate,
        reason=verdict.sentence,
        partner_id=verdict.place.pk or None,
        said=verdict.row.as_json(),
        may_decide=verdict.may_decide,
        decision=decision,
    )


def note(model: type[Model], action: int, changes: dict[int, tuple[str, dict]], *, batch: ImportBatch, by) -> None:
    """One audit entry for each row touched, written in bulk: auditlog's own signals would take one query each."""
    kind = ContentType.objects.get_for_model(model)
    insert(
        [
            LogEntry(
                content_type=kind,
                object_pk=str(pk),
                object_id=pk,
                object_repr=name,
                action=action,
                changes={field: [str(old), str(new)] for field, (old, new) in fields.items()},
                actor=by,
                additional_data={"import_batch": batch.pk},
                timestamp=timezone.now(),
            )
            for pk, (name, fields) in changes.items()
        ]
    )


def insert(rows: Sequence[Model]) -> None:
    """bulk_create, several times as fast: keys are drawn beforehand, so that COPY can write the rows."""
    if not rows:
        return
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if not field.generated]
    name = connection.ops.quote_name
    into = f"COPY {name(meta.db_table)} ({', '.join(name(field.column or '') for field in fields)}) FROM STDIN"
    with connection.cursor() as cursor:
        draw = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
        cursor.execute(draw, [f'"{meta.db_table}"', meta.pk.column, len(rows)])
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key
        with cursor.copy(into) as copy:
            for row in rows:
                copy.write_row([_plain(field, getattr(row, field.attname)) for field in fields])
    for row in rows:
        row._state.adding = False


def _plain(field: Field, value: object) -> object:
    return json.dumps(value) if value is not None and isinstance(field, JSONField) else value


def _fresh_codes(count: int) -> Iterator[str]:
    """Codes nobody has. Six random letters meet by chance once a file is large, and one clash would stop it all."""
    taken = set(Partner.objects.values_list("code", flat=True))
    fresh: set[str] = set()
    while len(fresh) < count:
        fresh |= {new_code() for _ in range(count - len(fresh))} - taken
    return iter(fresh)


def _create(batch: ImportBatch, verdicts: list[Verdict], codes: Iterator[str], by) -> None:
    partners = [Partner(**verdict.row.values, code=next(codes), batch=batch, created_by=by) for verdict in verdicts]
    insert(partners)
    for verdict, partner in zip(verdicts, partners, strict=True):
        verdict.place.pk = partner.pk
    made = {partner.pk: (partner.name, {"name": (None, partner.name)}) for partner in partners}
    note(Partner, LogEntry.Action.CREATE, made, batch=batch, by=by)


def _update(batch: ImportBatch, verdicts: list[Verdict], by) -> dict[int, dict]:
    """Put the changes on their partners and return what stood there, by row."""
    partners = Partner.objects.in_bulk([verdict.place.pk for verdict in verdicts])
    before: dict[int, dict] = {}
    changed: dict[int, tuple[str, dict]] = {}
    for verdict in verdicts:
        partner = partners[verdict.place.pk]
        old = {name: getattr(partner, name) for name in verdict.changes}
        for name, value in verdict.changes.items():
            setattr(partner, name, value)
        before[verdict.row.number] = old
        changed[partner.pk] = (partner.name, {name: (old[name], value) for name, value in verdict.changes.items()})
    fields = sorted({name for verdict in verdicts for name in verdict.changes})
    if fields:
        Partner.objects.bulk_update(partners.values(), fields, batch_size=200)
    note(Partner, LogEntry.Action.UPDATE, changed, batch=batch, by=by)
    return before


def _add_people(batch: ImportBatch, verdicts: list[Verdict], by) -> dict[int, dict]:
    """Give each partner its person; return, by row, who came and whether they are new here."""
    contacts = _contacts_for(batch, verdicts, by)
    partners = [verdict.place.pk for verdict in verdicts]
    has_primary = set(Role.objects.filter(partner__in=partners, is_primary=True).values_list("partner", flat=True))
    known = set(Role.objects.filter(partner__in=partners).values_list("partner", "contact"))
    roles: dict[int, Role] = {}
    for verdict in verdicts:
        contact, partner = contacts.get(verdict.row.number, {}).get("contact"), verdict.place.pk
        if contact is None or (partner, contact.pk) in known:
            continue
        roles[verdict.row.number] = Role(
            partner_id=partner,
            contact=contact,
            title=verdict.row.person.get("title", ""),
            is_primary=partner not in has_primary,
        )
        known.add((partner, contact.pk))
        has_primary.add(partner)
    insert(list(roles.values()))
    made = {role.pk: (str(role), {"contact": (None, role.contact)}) for role in roles.values()}
    note(Role, LogEntry.Action.CREATE, made, batch=batch, by=by)
    silent = {verdict.row.number for verdict in verdicts if not verdict.row.says_no}
    consenting = _imply_consent(batch, [role.contact for number, role in roles.items() if number in silent], by)
    return {
        number: {
            "role": role.pk,
            "contact": role.contact.pk,
            "is_new": contacts[number]["is_new"],
            "filled": contacts[number]["filled"],
            "has_consent": role.contact.pk in consenting,
        }
        for number, role in roles.items()
    }


def _contacts_for(batch: ImportBatch, verdicts: list[Verdict], by) -> dict[int, dict]:
    """A contact for each row's person: the one with this address, or a new one. Archived people stay away."""
    emails = {verdict.row.person.get("email", "") for verdict in verdicts} - {""}
    there = Contact.objects.by_emails(list(emails)).select_related("merged_into")
    by_email: dict[str, Contact] = {contact.email.lower(): contact.survivor for contact in there}
    found: dict[int, dict] = {}
    new: list[Contact] = []
    for verdict in verdicts:
        person = verdict.row.person
        contact = by_email.get(person.get("email", ""))
        if contact is None:
            contact = Contact(**{name: person[name] for name in ("name", "email", "phone") if name in person})
            new.append(contact)
            if contact.email:
                by_email[contact.email] = contact
            found[verdict.row.number] = {"contact": contact, "is_new": True, "filled": {}}
        elif contact.archived_at:
            verdict.row.notes.append("The person is archived and was left out.")
        else:
            found[verdict.row.number] = {"contact": contact, "is_new": False, "filled": _fill(contact, person)}
    insert(new)
    made = {contact.pk: (str(contact), {"name": (None, contact.name)}) for contact in new}
    note(Contact, LogEntry.Action.CREATE, made, batch=batch, by=by)
    _save_filled(batch, [entry for entry in found.values() if entry["filled"]], by)
    return found


def _fill(contact: Contact, person: dict) -> dict:
    """Fill what is blank on a known person and return it."""
    filled = {name: person[name] for name in ("name", "phone") if person.get(name) and not getattr(contact, name)}
    for name, value in filled.items():
        setattr(contact, name, value)
    return filled if contact.pk else {}


def _save_filled(batch: ImportBatch, entries: Sequence[dict], by) -> None:
    contacts = {entry["contact"].pk: entry["contact"] for entry in entries}
    if contacts:
        Contact.objects.bulk_update(contacts.values(), ["name", "phone"])
    changed = {
        entry["contact"].pk: (str(entry["contact"]), {name: ("", value) for name, value in entry["filled"].items()})
        for entry in entries
    }
    note(Contact, LogEntry.Action.UPDATE, changed, batch=batch, by=by)


def _imply_consent(batch: ImportBatch, contacts: list[Contact], by) -> set[int]:
    """Only if the owner said how they know these people; an opt-out or a clear yes stays as it is."""
    evidence = batch.defaults.get("consent", "").strip()
    reachable = {contact.pk for contact in contacts if contact.email}
    if not evidence or not reachable:
        return set()
    return imply_consents(reachable, purpose=Purpose.PARTNER, source="import", evidence=evidence, by=by)


def _keep_noes(batch: ImportBatch, verdicts: list[Verdict], by) -> None:
    """Whoever the file says wants no letters gets none, whatever became of the row; a no is never taken back by an import."""
    emails = {verdict.row.person["email"] for verdict in verdicts if verdict.row.says_no}
    there = Contact.objects.by_emails(list(emails)).select_related("merged_into")
    contacts = {contact.survivor.pk for contact in there} if emails else set()
    words = f"The list “{batch.filename}” says so."
    for purpose in (Purpose.PARTNER, Purpose.NEWS):
        withdraw_consents(contacts, purpose=purpose, source="import", evidence=words, by=by)
