from __future__ import annotations

from textwrap import fill

from django.core.management.base import BaseCommand

from crm.mail.doctor import Finding, Verdict
from crm.office import doctor

WIDTH = 100
INDENT = 32


class Command(BaseCommand):
    help = "Say whether this installation is fit to send, and what to do about what is not. Nothing is sent."
    requires_system_checks = []

    def handle(self, *args, **options) -> None:
        findings = []
        for finding in doctor.examine():
            self._show(finding)
            findings.append(finding)
        self.stdout.write("")
        self.stdout.write(doctor.summary(findings))
        if any(finding.verdict is Verdict.UNFIT for finding in findings):
            raise SystemExit(1)

    def _show(self, finding: Finding) -> None:
        style = {Verdict.FIT: self.style.SUCCESS, Verdict.UNFIT: self.style.ERROR, Verdict.UNSURE: self.style.WARNING}
        verdict = style.get(finding.verdict, str)(f"{finding.verdict.value:<11}")
        self.stdout.write(f"{verdict} {finding.name:<19} {_hung(finding.sentence)}")
        if finding.what_to_do:
            self.stdout.write(f"{'':{INDENT}}→ {_hung(finding.what_to_do, further=2)}")
        self.stdout.flush()


def _hung(words: str, *, further: int = 0) -> str:
    """The words, wrapped under their own beginning."""
    lead = " " * (INDENT + further)
    return fill(
        words, WIDTH, initial_indent=lead, subsequent_indent=lead, break_long_words=False, break_on_hyphens=False
    ).lstrip()
