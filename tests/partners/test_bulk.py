"""One deed for many: exactly those ticked or shown, all or none, and one undo."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from partners.actions import AlreadyUndone, NobodyToSweep, archive, move_stage, sweep_stage, sweep_tier, undo_sweep
from partners.actions.plans import begin_for_many
from partners.models import CadencePolicy, FollowUp, Kind, Partner, Plan, Stage, Sweep, Tier, Touch

pytestmark = pytest.mark.django_db

BULK = reverse("bulk_partners")


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def gyms(db) -> list[Partner]:
    return [Partner.objects.create(name=f"Gym {n}", kind=Kind.GYM, stage=Stage.ACTIVE) for n in range(3)]


@pytest.fixture
def club(db) -> Partner:
    """Somebody whom no filter for gyms shows."""
    return Partner.objects.create(name="Dawn Runners", kind=Kind.RUNNING_CLUB, stage=Stage.ACTIVE)


def ids(*partners) -> str:
    return ",".join(str(partner.pk) for partner in partners)


def tiers() -> dict[str, str]:
    return dict(Partner.objects.values_list("name", "tier"))


def confirmed(client, **query) -> dict:
    """What the confirmation would post."""
    page = client.get(BULK, query).context
    return {"deed": page["deed"], "ids": page["ids"], "shown": page["shown"]}


def test_it_says_how_many_and_names_the_first(at_desk):
    names = [f"Gym {n:02}" for n in range(12)]
    Partner.objects.bulk_create(Partner(name=name, kind=Kind.GYM) for name in names)

    page = text(at_desk.get(BULK, {"deed": "tier", "all": "1", "shown": "kind=gym"}))

    assert "12 partners" in page
    assert "Gym 09 and 2 more." in page
    assert "Gym 10" not in page


def test_it_touches_the_ticked_and_nobody_else(at_desk, gyms, club):
    fields = confirmed(at_desk, deed="tier", id=[gyms[0].pk, gyms[2].pk], shown="kind=gym")
    response = at_desk.post(BULK, {**fields, "tier": "a"})

    assert response.url == f"{reverse('partners:index')}?kind=gym"
    assert tiers() == {"Gym 0": "a", "Gym 1": "b", "Gym 2": "a", "Dawn Runners": "b"}


@pytest.mark.parametrize(
    ("shown", "changed"),
    [
        ("kind=gym", {"Gym 0", "Gym 1", "Gym 2"}),
        ("kind=running_club&q=dawn", {"Dawn Runners"}),
        ("kind=gym&q=dawn", set()),
        ("view=overdue", {"Gym 1"}),
        ("view=overdue&kind=running_club", set()),
        ("archived=yes", {"Old Gym"}),
        ("kind=nonsense", set()),
        ("view=nonsense", set()),
        ("", {"Gym 0", "Gym 1", "Gym 2", "Dawn Runners"}),
    ],
)
def test_it_touches_all_that_the_list_shows_and_no_hidden_row(at_desk, owner, gyms, club, shown, changed):
    archive(Partner.objects.create(name="Old Gym", kind=Kind.GYM), by=owner)
    FollowUp.objects.create(partner=gyms[1], title="Call", due_on=timezone.localdate() - timedelta(days=1))
    listed = at_desk.get(f"{reverse('partners:index')}?{shown}").context["object_list"]
    assert {partner.name for partner in listed} == changed

    response = at_desk.get(BULK, {"deed": "tier", "all": "1", "shown": shown})
    if changed:
        fields = {name: response.context[name] for name in ("deed", "ids", "shown")}
        at_desk.post(BULK, {**fields, "tier": "a"})

    assert {name for name, tier in tiers().items() if tier == "a"} == changed


def test_it_keeps_to_those_it_named_whatever_the_filter_shows_by_then(at_desk, gyms, club):
    fields = confirmed(at_desk, deed="tier", all="1", shown="kind=gym")
    Partner.objects.create(name="Gym 9", kind=Kind.GYM)

    at_desk.post(BULK, {**fields, "tier": "c"})

    assert tiers()["Gym 9"] == "b"
    assert tiers()["Gym 0"] == "c"


def test_it_covers_every_page_of_the_list(at_desk, club):
    Partner.objects.bulk_create(Partner(name=f"Gym {n}", kind=Kind.GYM) for n in range(120))

    fields = confirmed(at_desk, deed="tier", all="1", shown="kind=gym")
    at_desk.post(BULK, {**fields, "tier": "c"})

    assert Partner.objects.filter(tier="c").count() == 120
    assert tiers()["Dawn Runners"] == "b"


def test_it_leaves_a_line_in_the_history_of_each(gyms, owner):
    sweep_tier([gym.pk for gym in gyms], tier=Tier.A, by=owner)

    entry = LogEntry.objects.get_for_object(gyms[0]).first()
    assert (entry.changes, entry.actor) == ({"tier": ["b", "a"]}, owner)


def test_it_undoes_the_whole_with_one_tap(at_desk, gyms):
    Partner.objects.filter(pk=gyms[0].pk).update(tier="c")
    at_desk.post(BULK, {"deed": "tier", "ids": ids(*gyms), "tier": "a"})
    sweep = Sweep.objects.get()

    response = at_desk.post(reverse("undo_bulk", args=[sweep.pk]))

    assert tiers() == {"Gym 0": "c", "Gym 1": "b", "Gym 2": "b"}
    assert "Undone for 3." in text(at_desk.get(response.url))
    assert "undone already" in text(at_desk.get(at_desk.post(reverse("undo_bulk", args=[sweep.pk])).url))


def test_it_leaves_alone_whom_somebody_changed_since(gyms, owner):
    swept = sweep_tier([gym.pk for gym in gyms], tier=Tier.A, by=owner)
    Partner.objects.filter(pk=gyms[1].pk).update(tier="c")

    undone = undo_sweep(swept.sweep, by=owner)

    assert (undone.count, undone.kept) == (2, 1)
    assert tiers() == {"Gym 0": "b", "Gym 1": "c", "Gym 2": "b"}
    with pytest.raises(AlreadyUndone):
        undo_sweep(swept.sweep, by=owner)


def test_it_refuses_where_there_is_nothing_to_do(gyms, owner):
    with pytest.raises(NobodyToSweep):
        sweep_tier([gym.pk for gym in gyms], tier=Tier.B, by=owner)


def test_it_moves_who_is_ready_and_names_who_is_not(at_desk, gyms, owner):
    for gym in gyms:
        move_stage(gym, to=Stage.CONVERSATION, by=owner)
    Touch.objects.create(partner=gyms[0], kind=Touch.TouchKind.ADVICE_ASKED)

    response = at_desk.post(BULK, {"deed": "stage", "ids": ids(*gyms), "to": "giving_value"})
    page = text(at_desk.get(response.url))

    assert "Moved to Giving value: 1 partner." in page
    assert "left where they are: Gym 1 (You asked them for advice.); Gym 2" in page
    assert [gym.stage for gym in Partner.objects.order_by("pk")] == ["giving_value", "conversation", "conversation"]


def test_it_undoes_a_move_with_since_when_and_why(at_desk, gyms):
    Partner.objects.filter(pk=gyms[0].pk).update(stage="dormant", off_ramp_reason="Rebuilding")
    before = list(Partner.objects.order_by("pk").values_list("stage", "stage_changed_at", "off_ramp_reason"))
    at_desk.post(BULK, {"deed": "stage", "ids": ids(*gyms), "to": "not_a_fit", "because": "closed"})
    assert set(Partner.objects.values_list("stage", "not_a_fit_because")) == {("not_a_fit", "closed")}

    at_desk.post(reverse("undo_bulk", args=[Sweep.objects.get().pk]))

    assert list(Partner.objects.order_by("pk").values_list("stage", "stage_changed_at", "off_ramp_reason")) == before


@pytest.mark.parametrize("fields", [{"to": "not_a_fit"}, {"to": "paused"}, {"to": "dormant"}, {"to": "nowhere"}, {}])
def test_it_asks_why_many_rest(at_desk, gyms, fields):
    response = at_desk.post(BULK, {"deed": "stage", "ids": ids(*gyms), **fields})

    assert response.status_code == 422
    assert set(Partner.objects.values_list("stage", flat=True)) == {"active"}


def test_it_begins_the_plan_of_each_and_ends_it_with_the_undo(at_desk, owner):
    assert Plan.objects.filter(trigger=Plan.Trigger.NEW_PARTNER, is_on=True).exists()
    two = [Partner.objects.create(name=f"New {n}") for n in range(2)]
    at_desk.post(BULK, {"deed": "stage", "ids": ids(*two), "to": "showing_up"})
    assert all(partner.follow_ups.open().exists() for partner in two)

    at_desk.post(reverse("undo_bulk", args=[Sweep.objects.get().pk]))
    assert not FollowUp.objects.open().exists()


def test_it_promises_the_same_to_many_and_takes_it_back(at_desk, gyms, owner):
    day = timezone.localdate() + timedelta(days=3)
    at_desk.post(BULK, {"deed": "todo", "ids": ids(*gyms), "title": "Invite them", "due_on": day.isoformat()})
    assert FollowUp.objects.open().filter(title="Invite them", due_on=day, by=owner).count() == 3
    assert Partner.objects.get(pk=gyms[0].pk).rhythm.next_step_on == day

    at_desk.post(reverse("undo_bulk", args=[Sweep.objects.get().pk]))
    assert not FollowUp.objects.open().exists()


def test_it_archives_many_and_brings_them_back(at_desk, gyms):
    at_desk.post(BULK, {"deed": "archive", "ids": ids(*gyms)})
    assert not Partner.objects.current().exists()

    at_desk.post(reverse("undo_bulk", args=[Sweep.objects.get().pk]))
    assert Partner.objects.current().count() == 3


@pytest.mark.parametrize("query", [{}, {"id": "x"}, {"id": "99999999"}, {"ids": ""}, {"ids": "9" * 40}])
def test_it_asks_for_a_tick(at_desk, gyms, query):
    response = at_desk.get(BULK, {"deed": "tier", **query})

    assert "Tick at least one partner first." in text(at_desk.get(response.url))


def test_it_knows_no_other_deed(at_desk, gyms):
    assert at_desk.get(BULK, {"deed": "delete", "id": gyms[0].pk}).status_code == 404


def test_it_needs_permission(client, viewer, gyms, owner):
    sweep = sweep_tier([gyms[0].pk], tier=Tier.A, by=owner).sweep
    undo = reverse("undo_bulk", args=[sweep.pk])
    for url in (BULK, undo):
        assert client.post(url).url.startswith("/admin/login/")
    client.force_login(viewer)
    for url in (BULK, undo):
        assert client.post(url, {"deed": "tier", "ids": ids(*gyms), "tier": "c"}).url == reverse("wagtailadmin_home")
    client.force_login(owner)
    assert client.get(undo).status_code == 405
    assert tiers()["Gym 0"] == "a"


def test_it_shows_ticks_to_who_may_change_and_to_nobody_else(client, at_desk, gyms, viewer):
    assert 'name="id"' in text(at_desk.get(reverse("partners:index")))
    client.force_login(viewer)
    page = text(client.get(reverse("partners:index")))
    assert 'name="id"' not in page
    assert "Move to" not in text(client.get(reverse("partners:index"), {"layout": "board"}))


def test_it_offers_all_that_match_where_there_is_more_than_a_page(at_desk, gyms):
    assert "that match" not in text(at_desk.get(reverse("partners:index")))
    Partner.objects.bulk_create(Partner(name=f"Studio {n}", kind=Kind.YOGA_STUDIO) for n in range(60))

    assert "All 63 that match" in text(at_desk.get(reverse("partners:index")))
    assert "All 60 that match" in text(at_desk.get(reverse("partners:index"), {"kind": "yoga_studio"}))


def test_it_does_a_thousand_in_a_few_queries(owner, django_assert_max_num_queries):
    Partner.objects.bulk_create(Partner(name=f"Gym {n}", kind=Kind.GYM) for n in range(300))
    keys = list(Partner.objects.values_list("pk", flat=True))

    with django_assert_max_num_queries(15):
        swept = sweep_tier(keys, tier=Tier.A, by=owner)
    assert swept.count == 300


def test_it_courts_many_in_a_few_queries(owner, django_assert_max_num_queries):
    CadencePolicy.objects.update_or_create(defaults={"most_courting": 1_000})
    Partner.objects.bulk_create(Partner(name=f"Gym {n}", kind=Kind.GYM) for n in range(300))
    keys = list(Partner.objects.values_list("pk", flat=True))

    with django_assert_max_num_queries(22):
        swept = sweep_stage(keys, to=Stage.SHOWING_UP, by=owner)
    assert FollowUp.objects.open().count() == 300 * Plan.objects.get(trigger=Plan.Trigger.NEW_PARTNER).steps.count()

    with django_assert_max_num_queries(16):
        undo_sweep(swept.sweep, by=owner)
    assert not FollowUp.objects.open().exists()


def test_it_promises_many_what_it_promises_one(owner):
    one, of_many = (Partner.objects.create(name=name) for name in ("One", "Of many"))
    move_stage(one, to=Stage.SHOWING_UP, by=owner)

    sweep_stage([of_many.pk], to=Stage.SHOWING_UP, by=owner)

    said = ("title", "due_on", "is_meeting", "step", "by", "contact", "repeat_days")
    assert list(of_many.follow_ups.values_list(*said)) == list(one.follow_ups.values_list(*said))
    assert {todo.place for todo in of_many.follow_ups.all()} == {todo.place for todo in one.follow_ups.all()}
    one.rhythm.refresh_from_db()
    of_many.refresh_from_db()
    assert of_many.rhythm.next_step.title == one.rhythm.next_step.title


def test_it_courts_nobody_by_a_plan_that_is_off(owner):
    Plan.objects.update(is_on=False)
    gym = Partner.objects.create(name="Cedar Barbell")

    sweep_stage([gym.pk], to=Stage.SHOWING_UP, by=owner)

    assert not FollowUp.objects.exists()


def test_it_begins_no_plan_twice(owner):
    gyms = [Partner.objects.create(name=f"Gym {n}") for n in range(2)]
    keys = {gym: f"courting:{gym.pk}:1" for gym in gyms}
    day = timezone.localdate()
    begin_for_many(Plan.Trigger.NEW_PARTNER, keys={gyms[0]: keys[gyms[0]]}, from_day=day, by=owner)

    begun = begin_for_many(Plan.Trigger.NEW_PARTNER, keys=keys, from_day=day, by=owner)

    assert {todo.partner for todo in begun} == {gyms[1]}
