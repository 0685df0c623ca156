"""A SendGrid on this machine: real HTTP, real refusals, told to fail in every way, and the truth about what it took.

In a test: ``with FakeSendGrid() as fake``. As a process of its own: ``python -m tests.fakes.sendgrid --port 0``.
"""

from tests.fakes.sendgrid.rendering import Seen
from tests.fakes.sendgrid.script import Rule
from tests.fakes.sendgrid.server import FakeSendGrid

__all__ = ["FakeSendGrid", "Rule", "Seen"]
