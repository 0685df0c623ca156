"""What one worker takes in hand at once, whatever plan the database makes of it."""

from __future__ import annotations

import pytest
from django.db import connection

from crm.mail.claiming import claim
from crm.mail.models import Message
from crm.mail.transports import Way, chosen
from crm.people.models import PracticeProfile

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("plan", ["hashjoin, mergejoin", "hashjoin, nestloop", "indexscan, bitmapscan, hashjoin"])
def test_it_takes_no_more_than_it_may_whatever_the_plan(letter, sendgrid, plan):
    for number in range(12):
        letter(number)
    with connection.cursor() as cursor:
        for way in plan.split(", "):
            cursor.execute(f"SET LOCAL enable_{way} = off")

    claimed = claim(Way(chosen()), practice=PracticeProfile.load(), most=5)
    assert (claimed.taken, [parcel.batch.size for parcel in claimed.parcels]) == (5, [5])
    assert Message.objects.filter(state=Message.State.QUEUED, batch=None).count() == 7
