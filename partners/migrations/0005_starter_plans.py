"""Three plans to begin with. They are the owner's from then on: edited, switched off or replaced at will."""

from django.db import migrations

# (trigger, name, [(days from the day it counts from, what)])
PLANS = [
    (
        "new_partner",
        "Getting to know them",
        [
            (2, "Go there: take a class, or see them where they are"),
            (9, "Go again, and learn two names"),
            (16, "Go a third time, and notice what their people struggle with"),
            (21, "Ask for their advice on one thing, and write down what they say"),
            (28, "Give them something useful, and ask for nothing"),
        ],
    ),
    (
        "first_referral",
        "First referral",
        [
            (2, "Send a handwritten card: thanks for thinking of us"),
            (7, "Call or visit, and ask how they are"),
            (30, "Propose a workshop every quarter"),
            (60, "Look again: how often do they send people, and which tier fits?"),
        ],
    ),
    (
        "workshop",
        "Workshop",
        [
            (-56, "Propose two dates to the host"),
            (-42, "Confirm the date and the topic"),
            (-28, "Send the host what they need: poster, words for a post, the sign-up page"),
            (-14, "Remind everybody who has signed up, and tell the host how many"),
            (-3, "Remind everybody who has signed up once more"),
            (-1, "Pack: mats, bands, sign-in sheet, cards"),
            (1, "Thank the host"),
            (2, "Write to everybody who came"),
            (7, "Look back with the host: who came, who booked, how they liked it. Agree on the next date"),
        ],
    ),
]


def begin(apps, schema_editor) -> None:
    plan_model, step_model = apps.get_model("partners", "Plan"), apps.get_model("partners", "PlanStep")
    for trigger, name, steps in PLANS:
        if plan_model.objects.filter(trigger=trigger).exists():
            continue
        plan = plan_model.objects.create(trigger=trigger, name=name)
        step_model.objects.bulk_create(step_model(plan=plan, days=days, title=title) for days, title in steps)


class Migration(migrations.Migration):
    dependencies = [("partners", "0004_rhythm_is_kept")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
