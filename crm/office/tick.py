"""The worker's heartbeat: do what is due, in every room that has something due."""

from __future__ import annotations


def tick() -> None:
    """Do what is due now. Safe to lose, to repeat, to run twice at once: each action claims its own work."""
