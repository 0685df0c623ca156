from __future__ import annotations

import pytest
from django.urls import NoReverseMatch, reverse

from crm.people.addresses import address


@pytest.mark.parametrize("name", ["partners:inspect", "todo", "touches:edit", "snooze_partner", "workshops:inspect"])
def test_it_is_what_django_says(name):
    assert address(name, 4711) == reverse(name, args=[4711])


@pytest.mark.parametrize("name", ["registration", "registration_cancel", "workshop", "workshop_calendar"])
def test_it_takes_a_word_for_a_key(name):
    assert address(name, "spring_2-yoga") == reverse(name, args=["spring_2-yoga"])


def test_it_refuses_an_address_with_more_than_one_key():
    with pytest.raises(NoReverseMatch):
        address("merge_partners", 1)
