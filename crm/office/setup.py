"""What every database needs beside its tables: the cache table, the three roles, the worker's schedule."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.urls import get_resolver
from django_q.models import Schedule
from wagtail.snippets.models import create_extra_permissions

from content.setup import follow_base_url, let_people_edit
from partners.scripts import ensure_starters

RECORDS = {
    "partners": (
        *("partner", "role", "touch", "followup", "referral", "sentreferral", "gift", "script", "plan", "planstep"),
        *("outing", "tomeet", "review", "goal"),
    ),
    "people": ("contact",),
    "workshops": ("workshop", "registration", "topic", "debrief", "feed"),
    "campaigns": ("letter", "audience", "broadcast"),
    "content": ("lead",),
}
ONLY_OWNER = {
    "people": ("user", "practiceprofile", "consentevent"),
    "partners": (
        "importbatch",
        "cadencepolicy",
        "referpage",
        "giftlimit",
        "wordpermission",
        "disclosure",
        "merge",
        "contactmerge",
    ),
    "mail": ("message", "suppression", "inboundmail"),
}
OWNERS_OWN = ("import_partner", "export_partner", "merge_partner", "publish_letter")


def after_migrate(sender, using: str = "default", **kwargs) -> None:
    """Bring roles, schedule and cache table to what this version expects; safe to run at every migration."""
    call_command("createcachetable", database=using, verbosity=0)
    # A letter becomes a snippet when the addresses are read, which a migration alone does not do; without this the
    # right to publish one would not exist yet.
    _ = get_resolver().url_patterns
    create_extra_permissions(sender, using=using)
    ensure_roles()
    ensure_schedule()
    follow_base_url()
    let_people_edit()
    ensure_starters()


def ensure_roles() -> None:
    """Owner does everything, assistant the daily work, viewer looks."""
    daily = _permissions(RECORDS, "add", "change", "view")
    grants = {
        "Owner": [
            *_permissions(RECORDS, "add", "change", "delete", "view"),
            *_permissions(ONLY_OWNER, "add", "change", "delete", "view"),
            *Permission.objects.filter(codename__in=OWNERS_OWN),
            *_permissions({"auditlog": ("logentry",)}, "view"),
        ],
        "Assistant": [
            *daily,
            *_permissions({"mail": ("message",)}, "view"),
            *_permissions({"mail": ("inboundmail",)}, "change", "view"),
            *_permissions({"people": ("consentevent",)}, "add", "view"),
            *_permissions({"campaigns": ("letter",)}, "publish"),
        ],
        "Viewer": _permissions({**RECORDS, "people": ("contact", "consentevent")}, "view"),
    }
    entry = Permission.objects.filter(content_type__app_label="wagtailadmin", codename="access_admin")
    for name, permissions in grants.items():
        group, _made = Group.objects.get_or_create(name=name)
        group.permissions.add(*permissions, *entry)


def _permissions(models: dict[str, tuple[str, ...]], *verbs: str) -> list[Permission]:
    names = {label: [f"{verb}_{model}" for model in models_ for verb in verbs] for label, models_ in models.items()}
    found: list[Permission] = []
    for label, codenames in names.items():
        found += Permission.objects.filter(content_type__app_label=label, codename__in=codenames)
    return found


def ensure_schedule() -> None:
    """One tick a minute, whatever was scheduled under its name before."""
    Schedule.objects.update_or_create(
        name="tick",
        defaults={"func": "crm.office.tick.tick", "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1},
    )
