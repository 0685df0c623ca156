from __future__ import annotations

from django.core.management.base import BaseCommand

from crm.mail.rebuilding import rebuild


class Command(BaseCommand):
    help = "Work out anew, from everything the provider has reported, what became of each message and address."

    def handle(self, *args, **options) -> None:
        before = ""
        for done, what in rebuild():
            if before not in ("", what):
                self.stdout.write("")
            before = what
            self.stdout.write(f"{done:,} {what}\r", ending="")
        self.stdout.write("\nDone. Messages and closed addresses are as the reports say.")
