"""A broadcast's recipients as a file that a spreadsheet can't mistake for a program."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from campaigns.models import Outcome, Recipient
from crm.people.records import harmless

HEADINGS = ("Name", "E-mail", "Partner", "Outcome", "Why")
EXPORTED = (
    "skipped_because",
    "contact__name",
    "contact__email",
    "partner__name",
    "message__reason",
    "message__batch__transport",
)


class _Line:
    """What csv.writer writes to when each line is to be handed on at once."""

    def write(self, line: str) -> str:
        return line


def as_csv(recipients: Iterable[Recipient]) -> Iterator[str]:
    """One line for each recipient, after a line of headings."""
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(HEADINGS)  # the mark tells Excel that this is UTF-8
    for recipient in recipients:
        yield writer.writerow(
            harmless(cell)
            for cell in (
                recipient.contact.name,
                recipient.contact.email,
                recipient.partner.name if recipient.partner else "",
                Outcome(recipient.outcome).label,
                recipient.why,
            )
        )
