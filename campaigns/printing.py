"""From a letter's parts to the HTML and the text that leave, and to what the office shows of it beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render as render_page
from wagtail.rich_text import expand_db_html

from campaigns.plain import plain
from crm.mail import letters
from crm.mail.models import Content, Message, MessageClass
from crm.mail.render import CannotRender, Rendered, render
from workshops.models import Workshop

if TYPE_CHECKING:
    from campaigns.models import Letter

COLUMN_WIDTH = 536  # the letter's 600 pixels less its margins
IMAGE_SPEC = "width-1072"  # twice that, for sharp screens
PLACES = {
    "first_name": "their first name",
    "partner": "their place of work",
    "unsubscribe_url": "the way out",
    "preferences_url": "where they choose what they hear about",
}
SAMPLE = {"first_name": "Maya", "partner": "Ironworks Gym"}
# What a preview may load: the letter's own styles and pictures, and no script at all.
IN_A_FRAME = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'self'"


def compose(letter: Letter) -> Content:
    """Freeze the letter as it stands now into the one content that all its readers get."""
    return letters.compose("letter", _context(letter), message_class=MessageClass(letter.message_class))


def draw(letter: Letter) -> Content:
    """The same without saving it."""
    return letters.draw("letter", _context(letter), message_class=MessageClass(letter.message_class))


def sample(letter: Letter, *, values: dict[str, str]) -> Rendered:
    """The letter as a reader with these values would get it."""
    message = Message(
        content=draw(letter), values=values, message_class=letter.message_class, to_email="you@example.com"
    )
    return render(message)


def preview(letter: Letter, mode: str) -> HttpResponse:
    """One page of a letter for Wagtail's preview panel: as HTML, with nothing known about the reader, or as text."""
    try:
        rendered = sample(letter, values={} if mode == "bare" else SAMPLE)
    except (letters.LetterBroken, CannotRender) as problem:
        response = render_page(None, "campaigns/preview_problem.html", {"problem": problem})
    else:
        page = {"rendered": rendered, "letter": letter}
        response = (
            render_page(None, "campaigns/preview_text.html", page) if mode == "text" else HttpResponse(rendered.html)
        )
    response.headers["Content-Security-Policy"] = IN_A_FRAME
    return response


def _context(letter: Letter) -> dict[str, Any]:
    parts = [{"kind": block.block_type, **_part(block.block_type, block.value)} for block in letter.body]
    return {"letter": letter, "parts": parts}


def _part(kind: str, value: Any) -> dict[str, Any]:
    if kind == "text":
        html = absolute(expand_db_html(value.source))
        return {"html": html, "text": plain(html)}
    if kind == "image":
        return _image(value)
    if kind == "button":
        return {"label": value["label"], "url": button_url(value)}
    if kind == "workshops":
        coming = Workshop.objects.listed().coming().select_related("host")[: value["how_many"] or 3]
        return {"heading": value["heading"], "workshops": list(coming)}
    return {"value": value}


def _image(image) -> dict[str, Any]:
    if image is None:
        return {}
    rendition = image.get_rendition(IMAGE_SPEC)
    width = min(rendition.width, COLUMN_WIDTH)
    return {"url": rendition.full_url, "width": width, "alt": image.contextual_alt_text or ""}


def button_url(value) -> str:
    """Where a button leads; empty while it leads nowhere."""
    page = value.get("page")
    return (absolute_url(page.url) if page and page.url else "") or value.get("url") or ""


def absolute_url(url: str) -> str:
    return f"{settings.BASE_URL}{url}" if url.startswith("/") else url


def absolute(html: str) -> str:
    """Links to our own pages, written so that they work in an inbox."""
    return html.replace('href="/', f'href="{settings.BASE_URL}/')
