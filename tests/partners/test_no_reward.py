"""No money and no gift is tied to a referral: there is no relation, field, form, plan or verb that could do it."""

import inspect
import re

import pytest
from django.apps import apps
from django.urls import get_resolver

from partners import actions
from partners.models import Gift, Plan, Referral, SentReferral

pytestmark = pytest.mark.django_db
SENT = {Referral, SentReferral}
MONEY = ("cents", "price", "amount", "fee", "commission", "reward", "bonus", "payout", "percent_of")


def related(model) -> set:
    return {field.related_model for field in model._meta.get_fields() if field.is_relation and field.related_model}


def carries_money(model) -> list[str]:
    """Whole words only: a calendar feed is no fee."""
    names = [field.name for field in model._meta.get_fields()]
    return [name for name in names if any(re.search(rf"(^|_){word}s?(_|$)", name) for word in MONEY)]


def test_no_gift_knows_a_referral_and_no_referral_a_gift():
    assert not related(Gift) & SENT
    for model in SENT:
        assert Gift not in related(model)


def test_nothing_that_knows_a_referral_carries_money_or_is_a_gift():
    """Whatever points at a referral, or is pointed at by one, in any room."""
    near = {model for model in apps.get_models() if related(model) & SENT} | set().union(*map(related, SENT)) | SENT

    found = {model.__name__: carries_money(model) for model in near if carries_money(model)}
    assert found == {}
    assert Gift not in near


def test_no_model_at_all_stores_a_reward_for_sending_somebody():
    words = ("commission", "referral_fee", "reward", "bonus", "payout", "finder")
    fields = [f"{model.__name__}.{field.name}" for model in apps.get_models() for field in model._meta.get_fields()]

    assert [name for name in fields if any(word in name.lower() for word in words)] == []


def test_no_plan_begun_by_a_referral_gives_anything_of_value():
    """A plan's steps are words to a person; a gift can only be written down by hand."""
    steps = Plan.objects.get(trigger=Plan.Trigger.FIRST_REFERRAL).steps.all()

    assert {field.name for field in steps.model._meta.get_fields() if field.is_relation} == {"plan", "follow_ups"}
    assert not [step.title for step in steps if "gift" in step.title.lower() or "voucher" in step.title.lower()]


@pytest.mark.parametrize("name", ["receive_referral", "move_referral", "thank", "tell", "send_referral", "permit"])
def test_no_verb_about_a_referral_takes_anything_of_value(name):
    parameters = inspect.signature(getattr(actions, name)).parameters

    assert not [each for each in parameters if any(word in each for word in (*MONEY, "gift", "value", "cost"))]


def test_no_address_of_a_referral_leads_to_a_gift():
    names = [str(name) for name in get_resolver().reverse_dict if isinstance(name, str)]

    assert not [name for name in names if "gift" in name and "referral" in name]


def test_no_module_of_referrals_knows_of_gifts():
    from partners import conversions, loop, refer, referrals_page, thanking
    from partners.actions import referrals, sending, telling

    for module in (conversions, loop, refer, referrals_page, thanking, referrals, sending, telling):
        assert not [name for name in vars(module) if "gift" in name.lower()], module.__name__
