"""What leaves the office as a spreadsheet: nothing in it that a program would run, and a line about it in the history."""

from __future__ import annotations

import re
from datetime import datetime

import phonenumbers
from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone

from crm.people.models import User

# What a spreadsheet takes for the start of a formula; the last four are their wide twins.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"-?\d+([.,]\d+)?")
PHONE = re.compile(r"\+[\d\s().\-/]{6,30}")


def harmless(text: str) -> str:
    """Keep a spreadsheet from reading a name such as =HYPERLINK(...) as a formula: an apostrophe goes before it.

    Numbers stay numbers. A phone number stays a phone number, in groups: “+1 613 555 0142” is no sum, which
    “+1-613-555-0142” would be, and needs no apostrophe, which “+16135550142” would.
    """
    if not text.lstrip(" ").startswith(FORMULA_STARTS) or NUMBER.fullmatch(text):
        return text
    return (_in_groups(text) if PHONE.fullmatch(text) else "") or f"'{text}"


def _in_groups(phone: str) -> str:
    """The number as it is written abroad, without signs that calculate; nothing where it is no real number."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return ""
    words = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL).replace("-", " ")
    return words if words.count(" ") > 1 else ""


def by_the_practices_clock(moment: datetime) -> datetime:
    """A moment as somebody at the practice would write it down, to the minute."""
    moment = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return moment.replace(second=0, microsecond=0, tzinfo=None)


def note_export(model: type[Model], *, by: User, rows: int, kind: str, shown: str) -> None:
    """Write down who took which list out of the office, how much of it, and what it was filtered by."""
    words = f"{rows} {'row' if rows == 1 else 'rows'} as {kind.upper()}"
    LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(model),
        object_pk="",
        object_repr=f"The list of {model._meta.verbose_name_plural}",
        action=LogEntry.Action.ACCESS,
        changes={"exported": ["", f"{words}{f', for {shown}' if shown else ''}"[:500]]},
        actor=by,
    )
