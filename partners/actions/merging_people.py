"""Two contacts who are one person become one, and two again if that was a mistake.

A no of either holds for both, for each purpose and for either address: merging may take letters away from somebody, and
never sends one to a person who said no. Lines of the consent ledger change hands and are never changed themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.mail.models import Closure, Pause, Suppression, address_hash
from crm.people.actions import MERGED, record_consent
from crm.people.models import ConsentEvent, Contact, Purpose, User
from partners.actions import joining
from partners.actions.refusals import (
    AddressChanged,
    AlreadyMerged,
    AlreadyUnmerged,
    KeptIsArchived,
    MergedSince,
    TooLateToUnmerge,
)
from partners.actions.trail import note
from partners.models import UNDO_WITHIN, ContactMerge, NotOnePerson, Partner, Role

CHOICES: dict[str, tuple[str, ...]] = {name: (name,) for name in ("name", "email", "phone", "time_zone")}
CONSENT, ROLE = "people.ConsentEvent.contact", "partners.Role.contact"
# Rows that are about the old record itself: they stay with it.
STAYS = {
    "partners.ContactMerge.kept",
    "partners.ContactMerge.gone",
    "partners.NotOnePerson.first",  # carried over as new rows
    "partners.NotOnePerson.second",
}
# A place at the same partner, a name at the same touch: said of one person it is said once. Written down, and put back.
ONCE = (ROLE, "partners.Touch_contacts.contact")
THEIR_WORD = (Suppression.Reason.UNSUBSCRIBED, Suppression.Reason.COMPLAINED)
NO = ConsentEvent.State.WITHDRAWN


@transaction.atomic
def merge_contacts(gone: Contact, *, into: Contact, choices: Mapping[str, str], by: User | None) -> ContactMerge:
    """Make two contacts one: everything moves to one, the other's address leads there; undone by unmerge_contacts()."""
    emails = (gone.email, into.email)
    closed = _close_both(*emails)  # before the contacts are locked, as an unsubscribe does it
    gone, into = joining.locked(gone, into)
    _refuse_unless_two(gone, into, emails)
    put = joining.chosen(gone, into, {**choices, **({} if into.email else {"email": joining.GONE})}, CHOICES)
    before: dict[str, Any] = {
        "kept": joining.plain_values(into, put),
        "gone": joining.plain_values(gone, ["archived_at", "email"]),
        "put": put,
        "closed": closed,
        "apart": joining.carry_over(NotOnePerson, gone, into, by),
        "pause": _longer_pause(gone, into),
        **_say_once(gone, into),
    }
    words = _words_of(gone), _words_of(into)
    _put_away(gone, into, put)
    moved = joining.move_rows(gone, into, besides=STAYS)
    before |= _keep_noes(gone, into, *words, by=by)
    done = ContactMerge.objects.create(kept=into, gone=gone, moved=moved, before=before, by=by)
    note(into, by, merged=("", str(gone)), **{name: (before["kept"][name], value) for name, value in put.items()})
    note(gone, by, merged_into=("", into.pk), archived_at=(gone.archived_at, done.at))
    return done


def _refuse_unless_two(gone: Contact, into: Contact, emails: tuple[str, str]) -> None:
    if gone.merged_into_id or into.merged_into_id:
        raise AlreadyMerged
    if into.archived_at:
        raise KeptIsArchived
    if (gone.email, into.email) != emails:
        raise AddressChanged


def _close_both(first: str, second: str) -> list[dict]:
    """What somebody closed with one of their addresses is closed with the other; return what that changed, and from what."""
    now = timezone.now()
    closures = [
        Closure(address_hash(other), scope, reason, now)
        for email, other in ((first, second), (second, first))
        if email and other
        for scope, reason in Suppression.objects.of(email).filter(reason__in=THEIR_WORD).values_list("scope", "reason")
    ]
    known = Suppression.objects.filter(email_hash__in=[closure.email_hash for closure in closures])
    before = {row.pk: row for row in known}
    Suppression.objects.close(closures)
    return [
        {"pk": row.pk, "was": _closing(before.get(row.pk)), "put": _closing(row)}
        for row in known.all()
        if _closing(row) != _closing(before.get(row.pk))
    ]


def _closing(row: Suppression | None) -> dict[str, Any] | None:
    return joining.plain_values(row, ["reason", "created_at"]) if row else None


def _longer_pause(gone: Contact, into: Contact) -> dict[str, str]:
    """Of two pauses the longer holds. A single one moves with everything else."""
    theirs, ours = (Pause.objects.filter(contact=contact).first() for contact in (gone, into))
    if not theirs or not ours or theirs.until <= ours.until:
        return {}
    Pause.objects.filter(pk=ours.pk).update(until=theirs.until)
    return {"pk": ours.pk, "was": joining.plain(ours.until), "put": joining.plain(theirs.until)}


def _say_once(gone: Contact, into: Contact) -> dict[str, Any]:
    """Who was listed twice, at one partner or at one touch, is listed once, with all that was known of both."""
    twins = {role.partner_id: role for role in into.roles.all()}
    doubled = [role for role in gone.roles.all() if role.partner_id in twins]
    once = {label: _take_out(label, gone, into) for label in ONCE}
    pairs = [(twins[role.partner_id], role) for role in doubled]
    learned = {twin.pk: joining.learn(twin, role, is_primary=role.is_primary) for twin, role in pairs}
    return {"once": once, "learned": learned}


def _take_out(label: str, gone: Contact, into: Contact) -> list[dict]:
    link = joining.links_to(Contact)[label]
    rows = link.model._base_manager.filter(pk__in=joining.there_twice(link, gone, into))
    kept = list(rows.order_by("pk").values())
    rows.filter(pk__in=[row["id"] for row in kept]).delete()
    return kept


def _put_away(gone: Contact, into: Contact, put: Mapping[str, str]) -> None:
    """Two who swap their addresses never have the same one at a time, so that both still lead to the one that stays."""
    other = into.email if "email" in put else gone.email
    Contact.objects.filter(pk=gone.pk).update(email="")
    Contact.objects.filter(pk=into.pk).update(**put)
    archived_at = gone.archived_at or timezone.now()
    Contact.objects.filter(pk=gone.pk).update(email=other, merged_into=into, archived_at=archived_at)


def _words_of(contact: Contact) -> dict[str, str]:
    return {purpose: latest.state for purpose, latest in contact.consent_standing if latest}


def _keep_noes(gone: Contact, into: Contact, theirs: dict, ours: dict, *, by: User | None) -> dict[str, Any]:
    """Say no once more for both where one had said no and the other yes. That line belongs to the one who said no."""
    noes = []
    for purpose in Purpose:
        words = {theirs.get(purpose), ours.get(purpose)} - {None}
        if NO in words and len(words) > 1:
            whose = gone if theirs[purpose] == NO else into
            told = f"{whose.name or whose.email} had said no to this, and that holds for both."
            event = record_consent(into, purpose=purpose, state=NO, source=MERGED, evidence=told, by=by)
            noes.append({"pk": event.pk, "is_of_gone": whose == gone, "purpose": purpose})
    newest = ConsentEvent.objects.filter(contact=into).order_by("-pk").values_list("pk", flat=True).first()
    return {"noes": noes, "newest_word": newest or 0}


@transaction.atomic
def unmerge_contacts(merge: ContactMerge, *, by: User | None) -> list[str]:
    """Undo merge_contacts() within 30 days; what somebody changed since stays as it is, and its names are returned."""
    now = timezone.now()
    kept, gone = joining.locked(merge.kept, merge.gone)
    if merge.at < now - UNDO_WITHIN:
        raise TooLateToUnmerge
    if kept.merged_into_id:
        raise MergedSince(str(kept.merged_into))
    if ContactMerge.objects.filter(pk=merge.pk, undone_at=None).update(undone_at=now) != 1:
        raise AlreadyUnmerged

    since = list(kept.consents.filter(pk__gt=merge.before["newest_word"]))
    _give_words_back(merge, kept, gone)
    changed, restored = _bring_back(merge, kept, gone)
    joining.move_back({label: keys for label, keys in merge.moved.items() if label != CONSENT}, kept, gone)
    _list_again(merge)
    NotOnePerson.objects.filter(pk__in=merge.before["apart"]).delete()
    if since:
        _hold_noes_since(merge, kept, gone, since, by)
    else:
        _open_again(merge.before["closed"])
    if pause := merge.before["pause"]:
        Pause.objects.filter(pk=pause["pk"], until=pause["put"]).update(until=pause["was"])
    merge.undone_at = now
    note(kept, by, merged=(str(gone), ""), **restored)
    note(gone, by, merged_into=(kept.pk, ""))
    return changed


def _give_words_back(merge: ContactMerge, kept: Contact, gone: Contact) -> None:
    """While the one is still merged into the other: the ledger lets lines change hands between such two only."""
    theirs = [line["pk"] for line in merge.before["noes"] if line["is_of_gone"]]
    keys = [*merge.moved.get(CONSENT, []), *theirs]
    ConsentEvent.objects.filter(pk__in=keys, contact=kept).update(contact=gone)


def _bring_back(merge: ContactMerge, kept: Contact, gone: Contact) -> tuple[list[str], dict[str, tuple]]:
    """Both as they were, but for what was changed by hand since."""
    was = merge.before["gone"]
    archived_at = joining.field_of(Contact, "archived_at").to_python(was["archived_at"])
    Contact.objects.filter(pk=gone.pk).update(email="", merged_into=None, archived_at=archived_at)
    changed, restored = joining.restore(kept, put=merge.before["put"], was=merge.before["kept"])
    is_free = not Contact.objects.by_email(was["email"]).exists()
    Contact.objects.filter(pk=gone.pk).update(email=was["email"] if is_free else "")
    return changed, restored


def _list_again(merge: ContactMerge) -> None:
    """Bring back the places and names that were there twice; at a partner that was merged since, at the one that stayed."""
    joining.unlearn(merge.before["learned"])
    links = joining.links_to(Contact)
    for label, rows in merge.before["once"].items():
        for row in rows:
            if label == ROLE:
                row = _fitting(row)
            links[label].model._base_manager.bulk_create([links[label].model(**row)], ignore_conflicts=True)


def _fitting(row: Mapping[str, Any]) -> dict[str, Any]:
    partner = Partner.objects.get(pk=row["partner_id"])
    home = partner.merged_into_id or partner.pk
    has_other = Role.objects.filter(partner=home, is_primary=True).exists()
    return {**row, "partner_id": home, "is_primary": row["is_primary"] and not has_other}


def _hold_noes_since(merge: ContactMerge, kept: Contact, gone: Contact, since: Iterable[ConsentEvent], by) -> None:
    """Nobody can tell which of the two said something since. A no of theirs holds for both, and so does the one carried."""
    told = "They were one contact when this was said, or changed. It holds for both."
    latest: dict[str, str] = {}
    for event in since:  # the newest first
        latest.setdefault(event.purpose, event.state)
    carried = {line["purpose"] for line in merge.before["noes"]} - latest.keys()
    for contact in (kept, gone):
        words = _words_of(contact)
        for purpose in Purpose:
            is_no = latest.get(purpose) == NO or purpose in carried
            if is_no and words.get(purpose) != NO:
                record_consent(contact, purpose=purpose, state=NO, source=MERGED, evidence=told, by=by)


def _open_again(closed: Iterable[Mapping[str, Any]]) -> None:
    """Only what the merge closed and nobody has closed again since."""
    for row in closed:
        still = Suppression.objects.filter(pk=row["pk"], **row["put"])
        if row["was"]:
            still.update(**row["was"])
        else:
            still.delete()
