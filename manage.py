#!/usr/bin/env python
"""Django's command line. The embedded PostgreSQL runs for as long as a command needs it."""

import os
import signal
import sys

WITHOUT_DATABASE = {"check", "collectstatic", "compilemessages", "findstatic", "help", "version", "--help", "--version"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    from django.core.management import execute_from_command_line

    if "DATABASE_URL" in os.environ or len(sys.argv) < 2 or sys.argv[1] in WITHOUT_DATABASE:
        execute_from_command_line(sys.argv)
        return

    from django.conf import settings

    from crm.office.postgres import EmbeddedPostgres, PostgresFailed

    # A plain SIGTERM would end us without a word to the server; commands with a way of their own to stop set theirs.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with EmbeddedPostgres(settings.DATA_DIR).held():
            execute_from_command_line(sys.argv)
    except PostgresFailed as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
