from __future__ import annotations

from django.core.management.base import BaseCommand

from crm.mail import actions


class Command(BaseCommand):
    help = "Send what is due, then stop."

    def handle(self, *args, **options) -> None:
        settled = 0
        while taken := actions.drain():
            settled += taken
        self.stdout.write(f"{settled} messages were due." if settled else "Nothing was due.")
