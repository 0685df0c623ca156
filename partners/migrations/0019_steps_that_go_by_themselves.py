"""Reminders leave by themselves now, so the workshop's plan asks for what only a person does. Edited steps stay."""

from django.db import migrations

STEPS = (
    (-14, "Remind everybody who has signed up, and tell the host how many",
     -14, "Send the host the kit once more: flyer, code, words to forward"),
    (-3, "Remind everybody who has signed up once more", -7, "Tell the host how many have signed up"),
    (2, "Write to everybody who came", 2, "Call whoever asked for it"),
)  # fmt: skip


def renew(apps, schema_editor) -> None:
    steps = apps.get_model("partners", "PlanStep").objects.filter(plan__trigger="workshop")
    for days, title, new_days, new_title in STEPS:
        steps.filter(days=days, title=title).update(days=new_days, title=new_title)


def restore(apps, schema_editor) -> None:
    steps = apps.get_model("partners", "PlanStep").objects.filter(plan__trigger="workshop")
    for days, title, new_days, new_title in STEPS:
        steps.filter(days=new_days, title=new_title).update(days=days, title=title)


class Migration(migrations.Migration):
    dependencies = [("partners", "0018_lookalikes")]
    operations = [migrations.RunPython(renew, restore)]
