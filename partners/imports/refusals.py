"""Why an import stops. Each carries the sentence a person reads."""

from __future__ import annotations


class ImportRefused(Exception):
    """An import cannot go on; nothing has changed."""


class UnreadableFile(ImportRefused):
    """The file holds no rows that can be read."""


class BadMapping(ImportRefused):
    """The columns are not matched to our fields in a way that works."""


class NotNow(ImportRefused):
    """This import is being worked on, or it has not come to this step."""
