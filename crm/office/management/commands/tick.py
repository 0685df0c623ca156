from __future__ import annotations

from django.core.management.base import BaseCommand

from crm.office import tick


class Command(BaseCommand):
    help = "Do once what the worker does every minute: launch what is due and send it."

    def handle(self, *args, **options) -> None:
        tick.work()
