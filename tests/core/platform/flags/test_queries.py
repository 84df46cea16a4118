"""What pages are told of flags."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from core.kernel.errors import Denied, Invalid, NotFound
from core.kernel.times import utc_now
from core.platform.flags import actions, evaluating, exposures, queries
from core.platform.flags.queries import Filters
from core.platform.flags.rollout import outlived
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.platform.flags.test_actions import RULE


def keys(page):
    return list(page.frame["key"])


def test_nothing_is_an_empty_frame_with_columns(db, actor_of):
    reader = actor_of("support")
    assert queries.directory(reader, Filters()).frame.empty
    assert {"key", "owner", "state", "waiting"} <= set(queries.directory(reader, Filters()).frame)
    for frame in (
        queries.segments(reader), queries.overrides(reader), queries.changes(reader), queries.stale(reader),
        queries.adoption(reader, "production"), queries.adoption_overview(reader, "production"),
    ):  # fmt: skip
        assert frame.empty
        assert len(frame.columns) > 3


def test_everything_takes_the_right_to_read(db, actor_of, make_flag):
    flag, stranger = make_flag(), actor_of("hotline_operator")
    for look in (
        lambda: queries.directory(stranger, Filters()), lambda: queries.one(stranger, flag.id),
        lambda: queries.environments(stranger, flag.id), lambda: queries.segments(stranger),
        lambda: queries.overrides(stranger), lambda: queries.who_has(stranger, flag.id, "production"),
        lambda: queries.stale(stranger), lambda: queries.adoption(stranger, "production"),
        lambda: queries.changes(stranger), lambda: queries.history(stranger, flag.id), lambda: queries.owners(stranger),
        lambda: queries.explain(stranger, flag.id, "production", {}), lambda: queries.guardrail_readings(stranger),
        lambda: queries.adoption_overview(stranger, "production"), lambda: queries.count(stranger, Filters()),
    ):  # fmt: skip
        with pytest.raises(Denied):
            look()
    assert queries.waiting(stranger) == 0


def test_directory_filters_pages_and_counts(db, actor_of, make_flag, configure):
    reader = actor_of("support")
    for number in range(4):
        make_flag(f"alpha-{number}")
    beta = make_flag(
        "beta", kind="json", variants={"a": {}, "b": {"x": 1}}, off_variant="a", is_enabled=True, rollout_percentage=100
    )
    assert keys(queries.directory(reader, Filters(text="ALPHA"))) == [f"alpha-{n}" for n in (3, 2, 1, 0)]
    assert keys(queries.directory(reader, Filters(kinds=("json",)))) == ["beta"]
    assert keys(queries.directory(reader, Filters(text=str(beta.id)))) == ["beta"]
    assert keys(queries.directory(reader, Filters(states=("on",)))) == ["beta"]
    assert queries.count(reader, Filters(states=("off",))) == 4
    first = queries.directory(reader, Filters(), limit=3)
    assert keys(first) + keys(queries.directory(reader, Filters(), limit=3, after=first.next)) == [
        "beta", "alpha-3", "alpha-2", "alpha-1", "alpha-0",
    ]  # fmt: skip
    assert queries.by_key(reader, "beta") == beta.id
    with pytest.raises(NotFound):
        queries.by_key(reader, "gamma")


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, "off"),
        ({"is_enabled": True}, "off"),
        ({"is_enabled": True, "rollout_percentage": 100}, "on"),
        ({"is_enabled": True, "rollout_percentage": 5}, "partial"),
        ({"is_enabled": True, "rules": [RULE]}, "partial"),
        ({"rollout_percentage": 100}, "off"),
    ],
)
def test_states(db, actor_of, make_flag, configure, values, state):
    flag = make_flag()
    if values:
        configure(flag, **values)
    assert queries.environments(actor_of("support"), flag.id)["production"]["state"] == state
    assert queries.environments(actor_of("support"), flag.id)["staging"]["state"] == "off"


def test_killed_and_paused_are_states_with_names(db, actor_of, make_flag, raw):
    from core.access.operators import actions as operators

    ann = operators.create(
        actor_of("super_admin"), email="ann@example.com", name="Ann", role="developer", password="correct horse battery"
    )
    developer, flag = actor_of("developer", operator_id=ann.id), make_flag(is_enabled=True, owner_id=ann.id)
    actions.pause(developer, flag.id, "production", reason="Odd")
    assert queries.environments(developer, flag.id)["production"]["state"] == "paused"
    actions.kill(developer, flag.id, "production", reason="Orders fail")
    row = queries.environments(developer, flag.id)["production"]
    assert (row["state"], row["killed_by"], row["paused_by"], row["kill_reason"]) == (
        "killed",
        "Ann",
        "Ann",
        "Orders fail",
    )
    assert list(queries.directory(developer, Filters(owner_id=ann.id)).frame["owner"]) == ["Ann"]
    assert queries.one(developer, flag.id)["owner"] == "Ann"
    assert list(queries.owners(developer)["name"]) == ["Ann"]


def test_who_has_it_is_the_evaluation_itself(db, actor_of, make_flag, configure, system):
    reader = actor_of("support")
    for place in range(7):
        make_tenant(system, f"Tenant {place}", tier="pro" if place % 2 else "free")
    flag = make_flag(is_enabled=True)
    configure(flag, rules=[RULE])
    frame = queries.who_has(reader, flag.id, "production").frame
    assert list(frame["variant"]) == ["off", "on"] * 3 + ["off"]
    assert frame.iloc[1]["sentence"] == "Matched rule 1: plan is one of pro."
    first = queries.who_has(reader, flag.id, "production", variant="on", limit=2)
    second = queries.who_has(reader, flag.id, "production", variant="on", limit=2, after=first.next)
    assert list(first.frame["tenant"]) + list(second.frame["tenant"]) == ["Tenant 1", "Tenant 3", "Tenant 5"]
    assert second.next is None
    assert list(queries.who_has(reader, flag.id, "production", text="tenant 4").frame["tenant"]) == ["Tenant 4"]
    counts = queries.who_has_counts(actor_of("developer"), flag.id, "production")
    assert list(counts.itertuples(index=False, name=None)) == [("off", 4, 4 / 7), ("on", 3, 3 / 7)]
    with pytest.raises(Denied):
        queries.who_has(actor_of("developer"), flag.id, "production")
    with pytest.raises(Invalid, match="damaged"):
        queries.who_has(reader, flag.id, "production", after="x")
    with pytest.raises(NotFound):
        queries.who_has(reader, uuid4(), "production")
    with pytest.raises(NotFound):
        queries.who_has_counts(reader, flag.id, "moon")


def test_who_has_it_asks_the_database_no_more_for_more_tenants(db, actor_of, make_flag, make_tenants):
    from sqlalchemy import event

    flag, reader = make_flag(is_enabled=True, rollout_percentage=50), actor_of("support")
    queries.who_has(reader, flag.id, "production")
    asked = []

    def count(*_):
        asked.append(1)

    event.listen(db, "before_cursor_execute", count)
    try:
        counts = []
        for more in (3, 40):
            make_tenants(more)
            asked.clear()
            queries.who_has(reader, flag.id, "production", variant="on", limit=200)
            counts.append(len(asked))
    finally:
        event.remove(db, "before_cursor_execute", count)
    assert counts[0] == counts[1]


def test_what_a_tenant_has(db, actor_of, make_flag, make_tenants, system):
    reader, tenant = actor_of("support"), make_tenants(1)[0]
    make_flag("a", is_enabled=True, rollout_percentage=100)
    b = make_flag("b")
    actions.archive(system, make_flag("c").id, reason="x")
    until = utc_now() + timedelta(days=1)
    actions.set_override(
        system, b.id, tenant.id, environment="production", config={"n": 1}, reason="x", expires_at=until
    )
    frame = queries.what_has(reader, tenant.id, "production")
    rows = frame[["key", "variant", "value", "reason", "is_override"]]
    assert list(rows.itertuples(index=False, name=None)) == [
        ("a", "on", "true", "STATIC", False), ("b", "off", "false", "DISABLED", True),
    ]  # fmt: skip
    assert frame["expires_at"].iloc[1] == until


def test_explain_completes_the_context_and_counts_nothing(db, actor_of, make_flag, configure, make_tenants, raw):
    exposures.flush()
    raw("DELETE FROM flag_exposure")
    reader, tenant, flag = actor_of("support"), make_tenants(1)[0], make_flag(is_enabled=True)
    configure(flag, rules=[RULE])
    found = queries.explain(reader, flag.id, "production", {"tenant_id": str(tenant.id)})
    assert (found["value"], found["context"]["plan"]) == (True, "pro")
    assert 0 <= found["bucket"] < 100
    assert (
        queries.explain(reader, flag.id, "production", {"tenant_id": str(tenant.id), "plan": "free"})["value"] is False
    )
    assert queries.explain(reader, flag.id, "production", {})["bucket"] is None
    exposures.flush()
    assert raw("SELECT count(*) FROM flag_exposure")[0].count == 0


def test_evaluations_are_counted_by_day_and_variant(db, raw, actor_of, make_flag, what):
    exposures.flush()
    raw("DELETE FROM flag_exposure")
    flag = make_flag(is_enabled=True, rollout_percentage=100)
    for _ in range(3):
        what("new-grid")
    assert exposures.flush() == 3
    what("new-grid")
    assert (exposures.flush(), exposures.flush()) == (1, 0)
    frame = queries.adoption(actor_of("support"), "production", flag_id=flag.id)
    assert list(frame[["key", "variant", "evaluations"]].itertuples(index=False, name=None)) == [("new-grid", "on", 4)]
    shown = queries.directory(actor_of("support"), Filters()).frame.iloc[0]
    assert utc_now() - shown["last_evaluated_at"] < timedelta(minutes=1)


def test_counts_of_many_threads_are_all_there(db, raw, make_flag):
    from threading import Thread

    exposures.flush()
    raw("DELETE FROM flag_exposure")
    make_flag(is_enabled=True, rollout_percentage=100)
    flags = evaluating.of("production")
    flags.look()
    flags._due = float("inf")
    threads = [Thread(target=lambda: [flags.is_on("new-grid", {}) for _ in range(5_000)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert exposures.flush() == 40_000
    assert raw("SELECT evaluations FROM flag_exposure")[0].evaluations == 40_000


def test_adoption_overview_names_whom_a_flag_reaches(db, actor_of, make_flag, configure, make_tenants, system):
    tenants, flag = make_tenants(4), make_flag(is_enabled=True)
    by_tenant = {"attribute": "tenant_id", "operator": "in", "values": [str(tenants[0].id)]}
    by_user = {"attribute": "user_id", "operator": "in", "values": ["ann", "bob"]}
    listed = {"conditions": [by_tenant, by_user], "serve": {"variant": "on"}}
    only = {"conditions": [by_tenant], "serve": {"variant": "on"}}
    configure(flag, rules=[listed, only])
    actions.set_override(system, flag.id, tenants[1].id, environment="production", variant="on", reason="x")
    row = queries.adoption_overview(actor_of("developer"), "production").iloc[0]
    assert (row["tenant_count"], row["user_count"], row["tenants_on"], row["tenants"]) == (2, 2, 2, 4)


NOW = utc_now()


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({}, None),
        ({"expires_on": NOW.date() - timedelta(days=2)}, "expired"),
        ({"expires_on": NOW.date() + timedelta(days=2)}, None),
        ({"state": "on", "updated_at": NOW - timedelta(days=31)}, "fully rolled out"),
        ({"state": "on", "updated_at": NOW - timedelta(days=29)}, None),
        ({"state": "partial", "updated_at": NOW - timedelta(days=300)}, None),
        ({"state": "off", "updated_at": NOW - timedelta(days=91)}, "off"),
        ({"state": "killed", "updated_at": NOW - timedelta(days=91)}, "off"),
        ({"state": "off", "updated_at": NOW - timedelta(days=89)}, None),
        ({"last_evaluated_at": None, "created_at": NOW - timedelta(days=31)}, "never evaluated"),
        ({"last_evaluated_at": None}, None),
        ({"last_evaluated_at": NOW - timedelta(days=31)}, "not evaluated"),
    ],
)
def test_when_a_flag_has_outlived_its_purpose(values, kind):
    known = {"expires_on": None, "created_at": NOW, "updated_at": NOW, "state": "partial", "last_evaluated_at": NOW}
    found = outlived(known | values, NOW)
    assert (found.kind_of if found else None) == kind


def test_stale_lists_the_oldest_first(db, raw, actor_of, make_flag):
    make_flag("old", expires_on=date(2020, 1, 1))
    make_flag("new")
    make_flag("older", expires_on="2019-01-01")
    frame = queries.stale(actor_of("support"))
    assert list(frame["key"]) == ["older", "old"]
    assert frame["why"].iloc[0] == "It was to be gone by 2019-01-01."
    assert {"owner", "since", "version"} <= set(frame)


def test_history_tells_who_did_what(db, actor_of, make_flag, configure):
    ann, flag = actor_of("developer", name="Ann"), make_flag()
    actions.update(ann, flag.id, version=1, name="Better")
    configure(flag, "staging", by=ann, rollout_percentage=5)
    actions.kill(ann, flag.id, "production", reason="Orders fail")
    frame = queries.history(actor_of("support"), flag.id)
    assert list(frame["action"]) == ["flags.kill", "flags.configure", "flags.update", "flags.create"]
    assert list(frame["actor"])[:3] == ["Ann"] * 3
    assert list(frame["environment"])[:2] == ["production", "staging"]
    assert (frame["reason"].iloc[0], frame["fields"].iloc[1]) == ("Orders fail", "rollout percentage")
    assert frame["changes"].iloc[2]["name"] == ["New-Grid", "Better"]
