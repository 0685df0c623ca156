"""One line of plain writing, read: which fields it fills, from which words, and what has to be asked.

The rules are fixed, so the same line is always read the same way, and nothing is made up: each field knows its words, and
what was not understood stays in the summary.
"""

from partners.reading.line import Choice, Question, Reading, read
from partners.reading.who import Person

__all__ = ["Choice", "Person", "Question", "Reading", "read"]
