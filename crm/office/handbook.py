"""The handbook at /help/: pages by task, and a search over them. It holds no data, so anybody may read it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.views.decorators.http import require_safe

SNIPPET = 160
# What a reader of plain text needs where a tag ends.
ENDS = {
    "</dt>": ": ",
    "</dd>": " ",
    "</td>": "; ",
    "</th>": ": ",
    "</li>": " ",
    "</p>": " ",
    "</pre>": " ",
    "</tr>": " ",
}


@dataclass(frozen=True)
class HelpPage:
    """One page of the handbook; its words are in templates/docs/<slug>.html."""

    slug: str
    title: str
    summary: str
    part: str


@dataclass(frozen=True)
class Hit:
    """One section that holds everything searched for."""

    page: HelpPage
    heading: str
    anchor: str
    snippet: str


PAGES = tuple(
    HelpPage(slug, title, summary, part)
    for part, slug, title, summary in (
        ("Begin", "start", "Start here", "Two commands, your login, and the quick log on your phone."),
        ("Begin", "today", "Today", "What to do now, in the order that matters."),
        ("Partners", "log", "Log a touch in ten seconds", "Before you are back at the car."),
        ("Partners", "partners", "Partners and their stages", "The list, the board, one partner's page."),
        ("Partners", "partner-page", "One partner’s page", "Health, fit, give and take, and ready for a meeting."),
        ("Partners", "cadence", "Keep in touch", "When it is time, snooze, tiers, and give before you ask."),
        ("Partners", "referrals", "Referrals and thanks", "One tap when somebody is sent, and thanks within a day."),
        ("Partners", "said-back", "What may be said back", "Thanks, word to a provider, and what needs a signature."),
        ("Partners", "todos", "To dos and plans", "What you promised: done, put off, again, and several in a row."),
        (
            "Partners",
            "twins",
            "Two of the same",
            "Find two records of one partner or of one person, merge them, and undo it.",
        ),
        ("Partners", "results", "Results and the weekly review", "Fifteen minutes a week, goals, reports, outings."),
        ("Partners", "import", "Import a list", "From a spreadsheet or an address book, with a way back."),
        ("Partners", "scripts", "What to say", "An opener, two questions, what to give, and what not to say yet."),
        ("Partners", "gifts", "Gifts and the law", "What you may give, to whom, and where it stops."),
        ("Reach out", "workshops", "Plan a workshop", "The year, a date that suits, a topic, and what leads up to it."),
        ("Reach out", "workshop-after", "After a workshop", "Look back in two minutes, and agree on the next date."),
        (
            "Reach out",
            "calendars",
            "Invites and calendars",
            "What guests' calendars do, and calendars to subscribe to.",
        ),
        ("Reach out", "sign-up", "People sign up", "The form, links and codes, private workshops, and what looks odd."),
        (
            "Reach out",
            "door",
            "The day of a workshop",
            "Check-in at the door on your phone, also without a connection.",
        ),
        ("Reach out", "letters", "Write to partners", "A letter, an audience, a time. Who is left out, and why."),
        ("Reach out", "consent", "Consent and unsubscribing", "Who may be written to, and how they say no."),
        ("Reach out", "outbox", "The outbox", "Every e-mail, and what became of it."),
        ("Reach out", "inbox", "Mail that comes in", "Replies, wishes to unsubscribe, and what a machine wrote."),
        ("Your site", "website", "Your website", "Pages made of blocks, and the form that brings people in."),
        ("Your site", "profile", "The practice profile", "Name, address, hours and colours, written once."),
        ("Keep house", "sendgrid", "Set up SendGrid", "From an empty account to a doctor who finds nothing wrong."),
        ("Keep house", "people", "People and roles", "Who may do what in the office."),
        ("Keep house", "trouble", "When something is wrong", "The worker, the port, a letter that did not arrive."),
        ("Keep house", "settings", "Settings", "Every environment variable, and what happens without it."),
        ("Keep house", "commands", "Commands", "What can be done from the command line."),
    )
)
BY_SLUG = {page.slug: page for page in PAGES}


@require_safe
def contents(request: HttpRequest) -> HttpResponse:
    """The list of pages, or with ?q= the sections that hold these words."""
    query = request.GET.get("q", "").strip()[:100]
    return render(
        request, "docs/contents.html", {"pages": PAGES, "query": query, "hits": search(query) if query else []}
    )


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """One page, with its neighbours."""
    if slug not in BY_SLUG:
        raise Http404("The handbook has no such page.")
    return render(request, f"docs/{slug}.html", _around(BY_SLUG[slug]))


def search(query: str) -> list[Hit]:
    """Sections that hold every word of the query, those with a word in their heading first."""
    words = re.findall(r"[\w'’.-]+", query.lower())
    ranked = [
        (-sum(word in f"{page.title} {heading}".lower() for word in words), number, hit)
        for number, (page, heading, anchor, text) in enumerate(_sections())
        if words and all(word in f"{page.title} {heading} {text}".lower() for word in words)
        for hit in [Hit(page, heading, anchor, _snippet(text, words))]
    ]
    return [hit for _rank, _number, hit in sorted(ranked, key=lambda entry: entry[:2])]


def _around(page: HelpPage) -> dict:
    here = PAGES.index(page)
    return {
        "pages": PAGES,
        "page": page,
        "previous": PAGES[here - 1] if here else None,
        "next": PAGES[here + 1] if here + 1 < len(PAGES) else None,
    }


@cache
def _sections() -> list[tuple[HelpPage, str, str, str]]:
    """Every page cut at its headings: page, heading, anchor, plain text."""
    cut = []
    for page in PAGES:
        body = render_to_string(f"docs/{page.slug}.html", _around(page))
        article = body.partition("<article")[2].partition(">")[2].partition("</article>")[0]
        opening, *sections = re.split(r'<h2 id="([\w-]+)">(.*?)</h2>', article)
        cut.append((page, page.title, "", _plain(opening)))
        for anchor, heading, text in zip(sections[::3], sections[1::3], sections[2::3], strict=True):
            cut.append((page, _plain(heading), anchor, _plain(text)))
    return cut


def _plain(markup: str) -> str:
    for end, sign in ENDS.items():
        markup = markup.replace(end, sign)
    text = re.sub(r"\s+([.,:;?])?", r"\1 ", html.unescape(strip_tags(markup)))
    return re.sub(r"([.,:;?])[ :;]+", r"\1 ", text).strip()


def _snippet(text: str, words: list[str]) -> str:
    """The sentence around the first word that was found."""
    found = min((at for at in (text.lower().find(word) for word in words) if at >= 0), default=0)
    start = text.rfind(" ", 0, max(0, found - SNIPPET // 3)) + 1 if found > SNIPPET // 3 else 0
    end = start + SNIPPET
    if end >= len(text):
        return ("… " if start else "") + text[start:]
    return ("… " if start else "") + text[start:end].rsplit(" ", 1)[0] + " …"
