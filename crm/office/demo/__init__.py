"""The demo practice: a small town that does not exist, and half a year of getting to know it."""

OWNER_EMAIL = "owner@example.com"
PASSWORD = "movement-first"  # noqa: S105 - printed on purpose; the demo is only loaded where BASE_URL is this machine
