"""Who is active: operators out of requests, the tenants' people out of when they were last seen; unknown stays unknown."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from core.health.active import queries, tasks
from core.health.active.models import OPERATOR_ROLLUP
from core.health.requests.models import RequestRecord
from core.kernel import retention, rollups
from core.kernel.actor import Actor
from core.kernel.errors import Denied
from core.kernel.models import uuid7
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from tests.core.customers.test_tenants import make

SYSTEM = Actor.system("test")


def requested(operator_id: UUID | None, *ages: timedelta, route: str = "/home") -> None:
    """Stores a page run of each age."""
    now = utc_now()
    rows = [
        {"at": now - age, "id": uuid7(), "service": "portal", "channel": "page", "route": route, "method": "PAGE", "status": 200,
         "duration_ms": 5, "is_error": False, "operator_id": operator_id, "request_id": "r"}
        for age in ages
    ]  # fmt: skip
    with record(SYSTEM) as tx:
        for row in rows:
            retention.make_ready(tx, "request_record", "day", row["at"], row["at"])
        tx.copy(RequestRecord, rows)


@pytest.fixture
def person(raw, system):
    """Adds a person of a tenant, last seen so long ago (None: nobody knows)."""

    def add(tenant_id: UUID, seen: timedelta | None, *, gone: bool = False) -> None:
        raw(
            "INSERT INTO tenant_user (id, tenant_id, email, name, is_admin, last_seen_at, deactivated_at, created_at,"
            " updated_at, version) VALUES (:id, :tenant, :email, 'Ada', false, :seen, :gone, now(), now(), 1)",
            id=uuid4(), tenant=tenant_id, email=f"{uuid4().hex}@x.example",
            seen=None if seen is None else utc_now() - seen, gone=utc_now() if gone else None,
        )  # fmt: skip

    return add


def test_operator_of_this_minute_counts_before_any_rollup(db, actor_of):
    requested(uuid4(), timedelta(minutes=1), timedelta(minutes=2))
    found = queries.operators(actor_of("developer"))
    assert (found.now, found.day, found.week, found.counted_at) == (1, None, None, None)


def test_operators_of_day_and_week_are_told_apart(committed_db, actor_of):
    one, two, three = uuid4(), uuid4(), uuid4()
    requested(one, timedelta(minutes=3), timedelta(hours=3))
    requested(two, timedelta(hours=5))
    requested(three, timedelta(days=3))
    requested(None, timedelta(minutes=1))
    rollups.roll(OPERATOR_ROLLUP)
    found = queries.operators(actor_of("developer"))
    assert (found.now, found.day, found.week) == (1, 2, 3)


def test_operators_now_have_their_last_page_and_names_only_for_who_may_see_them(db, raw, actor_of, system):
    one = uuid4()
    raw("INSERT INTO operator (id, email, name, password_hash, role, is_demo, created_at, updated_at, version)"
        " VALUES (:id, 'a@x.example', 'Ada', 'x', 'developer', false, now(), now(), 1)", id=one)  # fmt: skip
    requested(one, timedelta(minutes=5), route="/home")
    requested(one, timedelta(minutes=1), route="/health")
    row = queries.operators_now(actor_of("admin")).iloc[0]
    assert (row["name"], row["route"], row["requests"]) == ("Ada", "/health", 2)
    assert queries.operators_now(actor_of("developer"))["name"].isna().all()


def test_trend_has_zero_where_nobody_was_and_nothing_before_the_first_count(committed_db, actor_of):
    now = utc_now().replace(minute=30, second=0, microsecond=0)
    requested(uuid4(), timedelta(hours=5), timedelta(hours=1))
    rollups.roll(OPERATOR_ROLLUP)
    frame = queries.operator_trend(actor_of("developer"), now - timedelta(days=3), now + timedelta(hours=1), "hour")
    assert int(frame["operators"].sum()) == 2
    assert (frame["operators"] == 0).any()
    assert frame["bucket"].is_monotonic_increasing
    assert frame["bucket"].iloc[0] >= (now - timedelta(hours=5)).replace(hour=0, minute=0) - timedelta(days=1)
    assert queries.operator_trend(actor_of("developer"), now - timedelta(days=9), now - timedelta(days=8), "hour").empty


def test_people_are_unknown_before_the_first_count(db, actor_of, system):
    make(system, "Alpha")
    found = queries.people(actor_of("support"))
    assert (found.daily, found.users, found.now, found.taken_at) == (None, None, None, None)
    assert not found.is_told


def test_people_are_counted_by_when_they_were_seen(db, actor_of, system, person):
    alpha = make(system, "Alpha").id
    for seen in (
        timedelta(minutes=4),
        timedelta(hours=3),
        timedelta(days=3),
        timedelta(days=20),
        timedelta(days=90),
        None,
    ):
        person(alpha, seen)
    person(alpha, timedelta(minutes=1), gone=True)
    tasks.count_users(SYSTEM)
    found = queries.people(actor_of("support"))
    assert (found.users, found.seen, found.daily, found.weekly, found.monthly) == (6, 5, 2, 3, 4)
    assert found.now == 1
    assert queries.people(actor_of("developer")).now is None


def test_later_count_of_a_day_replaces_the_earlier(db, raw, actor_of, system, person):
    alpha = make(system, "Alpha").id
    person(alpha, timedelta(hours=1))
    tasks.count_users(SYSTEM)
    person(alpha, timedelta(hours=1))
    tasks.count_users(SYSTEM)
    assert [row.daily for row in raw("SELECT daily FROM active_users")] == [2]


def test_tenant_whose_people_were_never_seen_is_unknown_and_not_zero(db, actor_of, system, person):
    alpha, beta = make(system, "Alpha").id, make(system, "Beta").id
    person(alpha, timedelta(hours=1))
    person(alpha, timedelta(days=2))
    person(beta, None)
    tasks.count_users(SYSTEM)
    frame = queries.tenants(actor_of("support"))
    assert list(frame["tenant"]) == ["Alpha", "Beta"]
    assert frame["daily_ratio"].iloc[0] == 0.5
    assert frame.loc[1, ["daily", "weekly", "monthly", "daily_ratio"]].isna().all()
    assert list(queries.tenants(actor_of("support"), text="bet")["tenant"]) == ["Beta"]


def test_counts_of_a_tenant_out_of_sight_are_not_in_the_sums(db, actor_of, system, person):
    person(make(system, "Alpha").id, timedelta(hours=1))
    tasks.count_users(SYSTEM)
    csm = actor_of("client_success")
    assert queries.people(csm).daily is None
    assert queries.tenants(csm).empty
    assert queries.people_trend(csm, utc_now() - timedelta(days=7), utc_now()).empty


def test_past_days_stay_as_they_were_counted(db, raw, actor_of, system, person):
    alpha = make(system, "Alpha").id
    person(alpha, timedelta(hours=1))
    tasks.count_users(SYSTEM)
    raw("UPDATE active_users SET day = day - interval '1 day'")
    raw("UPDATE tenant_user SET last_seen_at = now() - interval '40 days'")
    tasks.count_users(SYSTEM)
    frame = queries.people_trend(actor_of("support"), utc_now() - timedelta(days=7), utc_now())
    assert list(frame["daily"]) == [1, 0]
    assert list(frame["tenants"]) == [1, 0]


def test_counts_of_two_days_ago_say_nothing_of_now(db, raw, actor_of, system, person):
    person(make(system, "Alpha").id, timedelta(hours=1))
    tasks.count_users(SYSTEM)
    raw("UPDATE active_users SET day = day - interval '4 days'")
    assert queries.people(actor_of("support")).daily is None


@pytest.mark.parametrize("read", [queries.operators, queries.people, queries.tenants, queries.operators_now])
def test_active_users_take_health_read(db, actor_of, read):
    with pytest.raises(Denied):
        read(actor_of("developer", grants=frozenset()))
