"""There is no way to tie a gift or money to a referral: not by a row, a rule, a form, a trigger or a line of code."""

from __future__ import annotations

import ast
from collections import deque
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, models, transaction

from partners.actions import ThanksCostNothing, log_touch
from partners.models import FollowUp, Gift, Plan, PlanStep, Referral, SentReferral, Touch

pytestmark = pytest.mark.django_db

ROOT = Path(settings.BASE_DIR)
ROOMS = ("people", "mail", "care", "partners", "workshops", "content", "campaigns")
# Whom everything is about. Two rows about the same partner are not tied to each other by it.
HUBS = {"partners.partner", "people.contact", "people.user", "workshops.workshop"}
MONEY = (
    "cent",
    "amount",
    "price",
    "fee",
    "commission",
    "reward",
    "bonus",
    "bounty",
    "payout",
    "percent",
    "points",
    "gift",
)
REFERRALS = (Referral, SentReferral)
# Who may know of gifts: their own modules, the lists of what happened, the merge that moves rows, and the demo.
KNOW_GIFTS = {
    *("partners/actions/__init__.py", "partners/actions/gifts.py", "partners/giving.py", "partners/gift_forms.py"),
    *("partners/models/__init__.py", "partners/models/gift.py", "partners/timeline.py", "partners/wagtail_hooks.py"),
    *(
        "partners/views/gifts.py",
        "partners/viewsets/__init__.py",
        "partners/viewsets/gift.py",
        "partners/office_urls.py",
    ),
    *(
        "crm/office/demo/loading.py",
        "crm/office/demo/generosity.py",
        "crm/office/demo/trail.py",
        "partners/brief.py",
    ),
    *("partners/actions/merging.py",),
}
SOURCES = sorted(
    path
    for room in ("crm", "partners", "workshops", "content", "campaigns")
    for path in (ROOT / room).rglob("*.py")
    if "migrations" not in path.parts
)


def label(model: type[models.Model]) -> str:
    return model._meta.label_lower


def ties(model: type[models.Model]) -> set[type[models.Model]]:
    """Every model this one reaches in one step, forward or back."""
    return {field.related_model for field in model._meta.get_fields() if field.is_relation and field.related_model}


def reached_from(start: type[models.Model]) -> set[str]:
    """Every model that can be reached without passing through somebody whom both are about."""
    seen, todo = {label(start)}, deque([start])
    while todo:
        for near in ties(todo.popleft()):
            if label(near) not in seen | HUBS and near._meta.app_label in ROOMS:
                seen.add(label(near))
                todo.append(near)
    return seen


def ours() -> list[type[models.Model]]:
    return [model for room in ROOMS for model in apps.get_app_config(room).get_models(include_auto_created=True)]


def carries_money(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if any(word in field.name for word in MONEY)]


def test_a_gift_is_about_somebody_and_nothing_else():
    assert {field.name for field in Gift._meta.get_fields() if field.is_relation} == {"partner", "contact", "by"}
    assert reached_from(Gift) == {"partners.gift"}


@pytest.mark.parametrize("referral", REFERRALS)
def test_no_row_leads_from_money_to_a_referral(referral):
    reached = reached_from(referral)

    with_money = {label(model): carries_money(model) for model in ours() if label(model) in reached}
    assert {name: fields for name, fields in with_money.items() if fields} == {}


@pytest.mark.parametrize("referral", REFERRALS)
def test_no_row_about_a_referral_leads_to_a_gift_or_a_touch_that_cost(referral):
    assert reached_from(referral).isdisjoint({label(Gift), label(Touch)})


def test_a_plan_promises_to_dos_and_nothing_else():
    """A rule that begins with a referral has nowhere to put a gift: a step is a title, a day and a meeting or not."""
    assert {field.name for field in PlanStep._meta.concrete_fields} == {"id", "plan", "title", "days", "is_meeting"}
    assert {field.name for field in Plan._meta.concrete_fields} == {"id", "name", "trigger", "is_on"}
    assert not carries_money(FollowUp)
    shipped = PlanStep.objects.filter(plan__trigger=Plan.Trigger.FIRST_REFERRAL).values_list("title", flat=True)
    assert shipped
    assert not [title for title in shipped for word in ("gift", "money", "cash", "$") if word in title.lower()]


def names_in(path: Path) -> set[str]:
    """Every name, attribute, import and text of a module, and every model named in a text."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(name.name for name in node.names)}
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.endswith(("Gift", "GiftLimit"))
        ):
            found.add(node.value)  # a model by its name
    return found


GIFT_NAMES = {
    "Gift",
    "GiftLimit",
    "give",
    "gifts",
    "giving",
    "take_back_gift",
    "put_back_gift",
    "partners.actions.gifts",
    "partners.Gift",
}


def test_only_these_modules_know_of_gifts():
    """Digest, thank-you, plans, referrals and the rest can't give: they have never heard of it."""
    know = {str(path.relative_to(ROOT)) for path in SOURCES if names_in(path) & GIFT_NAMES}

    assert know - KNOW_GIFTS - {"partners/ledger.py", "partners/health.py"} == set()


@pytest.mark.parametrize("module", ["partners/actions/gifts.py", "partners/giving.py", "partners/views/gifts.py", "partners/viewsets/gift.py", "partners/gift_forms.py", "partners/models/gift.py"])  # fmt: skip
def test_what_gives_knows_of_no_referral(module):
    names = names_in(ROOT / module)

    assert not {name for name in names if name.isidentifier() and "referral" in name.lower()}
    assert names.isdisjoint({"plans", "begin_plan", "thank", "thanking", "Plan", "FollowUp", "Touch"})


def forms_of(base: type) -> set[type]:
    found = set(base.__subclasses__())
    return found | {deeper for each in found for deeper in forms_of(each)}


def test_no_form_asks_for_money_beside_a_referral():
    both = []
    for form in forms_of(forms.BaseForm):
        names = set(getattr(form, "base_fields", {}))
        model = getattr(getattr(form, "_meta", None), "model", None)
        is_about_referral = model in REFERRALS or any("referral" in name for name in names)
        asked = names - {"thanked_percent"}  # a share of thank-yous that were on time
        if is_about_referral and any(word in name for name in asked for word in (*MONEY, "money", "cost", "value")):
            both.append(form)

    assert both == []


def test_no_trigger_of_the_database_ties_them():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, p.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"
            " AND c.relname IN ('partners_gift', 'partners_referral', 'partners_sentreferral')"
        )
        written = cursor.fetchall()

    assert {table for table, _source in written} >= {"partners_gift", "partners_referral"}
    assert not [table for table, source in written if table == "partners_gift" and "referral" in source]
    assert not [table for table, source in written if table != "partners_gift" and "gift" in source]


def test_a_thank_you_is_words(physician, owner):
    with pytest.raises(ThanksCostNothing):
        log_touch(physician, kind="thanks", by=owner, cost_cents=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Touch.objects.bulk_create([Touch(partner=physician, kind="thanks", cost_cents=1)])
    touch = log_touch(physician, kind="thanks", by=owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        Touch.objects.filter(pk=touch.pk).update(cost_cents=1)
