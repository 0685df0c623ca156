import logging

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.office.demo import PASSWORD, loading, town


class Command(BaseCommand):
    help = "Load the demo practice, once: a small town that does not exist, with dates relative to today."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--fresh", action="store_true", help="Clear a demo practice that is there, and load it anew as of today."
        )

    def handle(self, *args, fresh: bool, **options) -> None:
        if not settings.IS_LOCAL:
            raise CommandError(
                f"The demo has a password that everybody knows, so it stays off {settings.BASE_URL}. "
                "Load it where BASE_URL is http://localhost."
            )
        logging.disable(logging.INFO)  # every letter and page would be announced on the way
        try:
            loaded = loading.reload() if fresh else loading.load()
        except loading.DemoRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        finally:
            logging.disable(logging.NOTSET)
        self.stdout.write(
            "The demo practice is loaded." if loaded else "The demo practice is there already. Nothing was changed."
        )
        for email, _first, _last, role in town.STAFF:
            self.stdout.write(f"  {role:<10} {email:<24} password {PASSWORD}")
