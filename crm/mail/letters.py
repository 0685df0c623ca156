"""How a letter is written: a Django template in MJML and one in plain text become one Content."""

from __future__ import annotations

import re

import mrml
from django.conf import settings
from django.template import Context, Engine

from crm.mail.models import LETTER_CLASSES, Content, MessageClass
from crm.people.models import PracticeProfile

LOGO_SPEC = "max-360x120|format-png"
SUBJECT_LIMIT = Content._meta.get_field("subject").max_length
NO_WEB_FONTS = mrml.RenderOptions(disable_comments=False, fonts={})
NO_INCLUDES = mrml.ParserOptions(include_loader=mrml.noop_loader())


class LetterBroken(Exception):
    """The template is not a letter: its MJML cannot be read, or its text has no subject. The message says which."""


def compose(
    name: str,
    context: dict | None = None,
    *,
    message_class: MessageClass = MessageClass.TRANSACTIONAL,
    by_day_in: str = "",
) -> Content:
    """Write one letter from templates/emails/<name>.mjml and <name>.txt, and save it for all who will get it.

    What differs between recipients is written as a place, [[first_name|there]], and filled from Message.values.
    A letter (class marketing or partner) gets its unsubscribe line here; without it, it would never leave.
    With ``by_day_in``, a time zone, it never leaves at night there, whatever held it up.
    """
    content = draw(name, context, message_class=message_class)
    content.by_day_in = by_day_in
    content.save()
    return content


def draw(
    name: str, context: dict | None = None, *, message_class: MessageClass = MessageClass.TRANSACTIONAL
) -> Content:
    """The same letter, not saved: for a preview."""
    context = {**_surroundings(message_class), **(context or {})}
    subject, text = _text(name, context)
    html = to_html(_written(f"emails/{name}.mjml", {**context, "subject": subject}, autoescape=True), name=name)
    return Content(subject=subject, html=html, text=text)


def to_html(mjml: str, *, name: str = "letter") -> str:
    """Turn MJML into the HTML that mail programs understand. Nothing is fetched, no web font is named."""
    try:
        return mrml.to_html(mjml.strip(), parser_options=NO_INCLUDES, render_options=NO_WEB_FONTS).content
    except OSError as problem:  # what mrml raises for anything it cannot read
        raise LetterBroken(f"The letter “{name}” is not valid MJML: {problem}.") from problem


def literal(words: str) -> str:
    """Write words that somebody else typed so that nothing in them is taken for a place."""
    return words.replace("[[", "[[open_brackets]]")


def _surroundings(message_class: MessageClass) -> dict:
    practice = PracticeProfile.load()
    logo = practice.logo.get_rendition(LOGO_SPEC) if practice.logo else None
    return {
        "practice": practice,
        "base_url": settings.BASE_URL,
        "is_letter": message_class in LETTER_CLASSES,
        "ink": ink_on(practice.brand_color),
        "logo_url": logo.full_url if logo else "",
        "logo_width": min(logo.width, 180) if logo else 0,
    }


def ink_on(color: str) -> str:
    """White or near-black, whichever reads better on this colour."""
    red, green, blue = (_linear(int(color[at : at + 2], 16)) for at in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.06 else "#14211f"


def _linear(part: int) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def _text(name: str, context: dict) -> tuple[str, str]:
    written = _written(f"emails/{name}.txt", context, autoescape=False).lstrip()
    first, _, rest = written.partition("\n")
    if not first.startswith("Subject: ") or not first[9:].strip():
        raise LetterBroken(f"The first line of emails/{name}.txt must be “Subject: ” and the subject.")
    return first[9:].strip()[:SUBJECT_LIMIT], re.sub(r"\n{3,}", "\n\n", rest).strip() + "\n"


def _written(template: str, context: dict, *, autoescape: bool) -> str:
    return Engine.get_default().get_template(template).render(Context(context, autoescape=autoescape))
