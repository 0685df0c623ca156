"""Scripts: edited, switched off, and given our words back."""

from __future__ import annotations

from django.db import transaction

from crm.people.models import User
from partners.actions.refusals import NoStarter
from partners.actions.trail import note
from partners.models import Script
from partners.scripts import WORDS, is_as_shipped, starter_of


@transaction.atomic
def rewrite(script: Script, *, words: dict[str, str], by: User | None) -> Script:
    """Put these words in place of those; from then on the script is the owner's, unless they are ours to the letter."""
    held = Script.objects.select_for_update().get(pk=script.pk)
    changes = {name: (getattr(held, name), words[name]) for name in WORDS if getattr(held, name) != words[name]}
    for name in WORDS:
        setattr(held, name, words[name])
    held.is_ours = is_as_shipped(held)
    Script.objects.filter(pk=held.pk).update(is_ours=held.is_ours, **{name: words[name] for name in WORDS})
    if changes:
        note(held, by, **changes)
    return held


def restore_words(script: Script, *, by: User | None) -> Script:
    """Give a script the words back that Rapport came with; rewrite() undoes it."""
    words = starter_of(script)
    if words is None:
        raise NoStarter
    return rewrite(script, words=words, by=by)


def switch(script: Script, *, is_on: bool, by: User | None) -> bool:
    """Take a script into use or out of it, once; return whether that changed anything."""
    if Script.objects.filter(pk=script.pk, is_on=not is_on).update(is_on=is_on) != 1:
        return False
    note(script, by, is_on=(not is_on, is_on))
    return True
