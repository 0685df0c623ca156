"""What is written into a page by the hundred is escaped as a template would."""

import pytest
from django.utils.functional import lazystr
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from crm.people.escaping import escaped, written

WORDS = [
    "Ada & Ben's",
    '<b title="x">',
    SafeString("<b>"),
    lazystr("<b>"),
    lazystr(SafeString("<b>")),
    gettext_lazy("Yes"),
    12,
    None,
    format_html("<i>{}</i>", "<"),
]


@pytest.mark.parametrize("word", WORDS)
def test_it_writes_what_django_writes(word):
    assert escaped(word) == conditional_escape(word)
    assert written("<p>{} {}</p>", word, "&") == format_html("<p>{} {}</p>", word, "&")
    assert isinstance(written("{}", word), SafeString)
