"""The demo's home page, kept ready and drawn anew, beside an empty Django view under the same server in the same run.

The crowd is Python's http.client in eight processes on the same cores: it takes its share of them, and bounds the
figure of the empty view more than the server does. A leaner crowd would make the ratio smaller.
"""

from __future__ import annotations

import io
import re

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench.clock import Figures
from tests.bench.web import pages_a_second, served

VISITORS = 8
SECONDS = 3
KEPT, DRAWN = "/", "/?anew"  # a question mark leads past the pages that are kept
STYLES = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
SCRIPTS = re.compile(r'<script[^>]* src="([^"]+)"')


def measure() -> Figures:
    """Yield pages a second, the ceiling's and their ratio; then what the page weighs and asks of the database."""
    call_command("demo", stdout=io.StringIO())
    with served("tests.bench.empty:application") as port:
        ceiling = pages_a_second(port, "/", visitors=VISITORS, lasting=SECONDS)
    with served("crm.wsgi:application") as port:
        kept = pages_a_second(port, KEPT, visitors=VISITORS, lasting=SECONDS)
        drawn = pages_a_second(port, DRAWN, visitors=VISITORS, lasting=SECONDS)
    yield "home_kept", kept, "pages/s"
    yield "home_drawn", drawn, "pages/s"
    yield "ceiling", ceiling, "pages/s"
    yield "ratio_kept", kept / ceiling, "x"
    yield "ratio_drawn", drawn / ceiling, "x"
    yield from _weights(Client(SERVER_NAME="localhost"))


def _weights(client: Client) -> Figures:
    client.get(DRAWN)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(DRAWN).content.decode()
    yield "queries", len(asked), "queries"
    yield "html_and_css", len(page.encode()) + _bytes_of(client, STYLES.findall(page)), "bytes"
    yield "scripts", _bytes_of(client, SCRIPTS.findall(page)), "bytes"


def _bytes_of(client: Client, addresses: list[str]) -> int:
    return sum(len(client.get(address).getvalue()) for address in addresses)
