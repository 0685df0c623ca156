from datetime import timedelta

import pytest
from django.utils import timezone

from partners import conversions
from partners.models import CadencePolicy, Group, Kind, Partner, Referral

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def partner(name: str, kind: str = Kind.GYM) -> Partner:
    return Partner.objects.get_or_create(name=name, defaults={"kind": kind})[0]


def sent(who: Partner, *, days_ago: float, seen_after: float | None = None, **fields) -> Referral:
    at = NOW - timedelta(days=days_ago)
    seen_at = at + timedelta(days=seen_after) if seen_after is not None else None
    state = "evaluated" if seen_at else "received"
    return Referral.objects.create(partner=who, received_at=at, evaluated_at=seen_at, state=state, **fields)


def test_it_counts_who_was_seen_within_30_and_90_days_and_ever():
    gym = partner("Ironworks")
    sent(gym, days_ago=200, seen_after=100)
    sent(gym, days_ago=100, seen_after=90)
    sent(gym, days_ago=60, seen_after=30)
    sent(gym, days_ago=40, seen_after=31)
    sent(gym, days_ago=35)
    sent(gym, days_ago=2)

    found = conversions.of_partner(gym, now=NOW)

    assert (str(found.ever), str(found.within_30), str(found.within_90)) == ("4 of 6", "1 of 5", "1 of 2")
    assert found.ever.percent == 67
    assert conversions.whole(now=NOW) == found


def test_it_counts_neither_what_was_taken_back_nor_what_looks_wrong():
    gym = partner("Ironworks")
    sent(gym, days_ago=40, seen_after=3, taken_back_at=NOW)
    sent(gym, days_ago=40, is_quarantined=True)

    assert conversions.of_partner(gym, now=NOW).ever == conversions.Share(0, 0)
    assert conversions.of_partner(gym, now=NOW).ever.percent is None
    assert not conversions.by_partner(now=NOW).exists()


def test_it_counts_from_a_moment_and_by_kind():
    gym, doctor = partner("Ironworks"), partner("Okafor", Kind.DPC_PHYSICIAN)
    sent(gym, days_ago=200)
    sent(gym, days_ago=20, seen_after=1)
    sent(doctor, days_ago=10)

    since = NOW - timedelta(days=90)
    assert str(conversions.whole(since=since, now=NOW).ever) == "1 of 2"
    kinds = conversions.by_kind(now=NOW)
    assert {kind: str(found.ever) for kind, found in kinds.items()} == {
        Kind.GYM: "1 of 2",
        Kind.DPC_PHYSICIAN: "0 of 1",
    }


def test_it_lists_partners_by_how_many_they_sent(django_assert_num_queries):
    gym, doctor = partner("Ironworks"), partner("Okafor", Kind.DPC_PHYSICIAN)
    sent(doctor, days_ago=50, seen_after=2)
    for _ in range(2):
        sent(gym, days_ago=50)

    with django_assert_num_queries(1):
        rows = [(row.name, str(conversions.read(vars(row)).within_30)) for row in conversions.by_partner(now=NOW)]
    assert rows == [("Ironworks", "0 of 2"), ("Okafor", "1 of 1")]


def window(**numbers: int) -> None:
    """So many referrals of the last 90 days from each partner; the name says the kind."""
    for name, number in numbers.items():
        kind = {"d": Kind.DPC_PHYSICIAN, "f": Kind.FUNCTIONAL_MEDICINE}.get(name[0], Kind.GYM)
        for _ in range(number):
            sent(partner(name, kind), days_ago=89)


def test_it_says_nothing_of_fewer_than_8():
    window(gym=7)

    assert not conversions.concentration(now=NOW)


def test_it_warns_of_a_partner_over_a_quarter():
    window(gym=3, studio=2, doctor=2, dpc=1)

    found = conversions.concentration(now=NOW)

    assert [(who.name, str(share)) for who, share in found.partners] == [("gym", "3 of 8")]
    assert found.sentences[0].startswith("3 of your 8 referrals of the last 90 days came from gym.")


def test_it_is_quiet_at_exactly_a_quarter():
    window(gym=2, studio=2, doctor=2, dpc=2)

    assert not conversions.concentration(now=NOW)


def test_it_warns_of_a_type_over_60_percent_and_says_which_to_court():
    window(g1=2, g2=2, g3=2, g4=1, d1=2, d2=1, f1=1)  # 7 of 11 from fitness

    found = conversions.concentration(now=NOW)

    assert (found.partners, found.group, found.court_next) == ([], Group.FITNESS, Group.FUNCTIONAL)
    assert found.sentences == [
        "7 of 11 came from one type of partner: Fitness.",
        "Court somebody in Functional medicine next: only 1 came from there.",
    ]


def test_it_is_quiet_about_a_type_at_exactly_60_percent():
    window(g1=2, g2=2, g3=2, d1=2, d2=1, f1=1)  # 6 of 10

    assert not conversions.concentration(now=NOW)


def test_it_looks_at_90_days():
    window(gym=3, studio=2, doctor=2, dpc=1)
    Referral.objects.filter(partner__name="dpc").update(received_at=NOW - timedelta(days=91))

    assert not conversions.concentration(now=NOW)


@pytest.mark.parametrize(
    ("smallest", "count", "said"), [(5, 4, "fewer than 5"), (5, 5, "5"), (11, 10, "fewer than 11"), (11, 11, "11")]
)
def test_it_tells_partners_no_number_that_points_at_somebody(smallest, count, said):
    CadencePolicy.objects.update(smallest_count=smallest)

    assert conversions.may_be_told(count) == said
