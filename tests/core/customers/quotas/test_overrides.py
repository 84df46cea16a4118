"""Limits of a tenant's own: set, confirmed when below use, expired, cleared; and what the product is answered."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from core.customers.quotas import actions, deciding, measuring, queries, rules, tasks
from core.customers.quotas.following import ConfirmationNeeded
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, ReasonRequired
from core.kernel.times import utc_now
from tests.core.customers.quotas import given


@pytest.fixture
def acme(db, system):
    """A tenant that uses 5 of 10 seats."""
    made = given.tenant("pro", people=5)
    measuring.measure(system)
    return made


def test_override_counts_at_once_with_audit_and_event(acme, actor_of, raw):
    admin = actor_of("admin")
    actions.set_override(admin, acme, "users", limit="50", reason=" Migration  week ")
    found = queries.of_tenant(admin, acme).set_index("resource").loc["users"]
    assert (found.limit_value, found.plan_limit, found.source, found.override_reason) == (
        50,
        10,
        "override",
        "Migration week",
    )
    assert raw("SELECT action, reason FROM audit_entry WHERE action LIKE 'quotas.%'")[0] == (
        "quotas.set_override", " Migration  week ",
    )  # fmt: skip
    event = raw("SELECT tenant_id, payload FROM event WHERE type = 'quotas.set_override'")[0]
    assert (event.tenant_id, event.payload["resource"]) == (acme, "users")


def test_limit_below_use_needs_to_be_confirmed_by_who_knows_what_follows(acme, actor_of, raw):
    admin = actor_of("admin")
    with pytest.raises(ConfirmationNeeded, match=r"uses 5 people already.*larger plan is asked for"):
        actions.set_override(admin, acme, "users", limit=3, reason="Abuse")
    assert raw("SELECT count(*) FROM tenant_quota")[0].count == 0
    actions.set_override(admin, acme, "users", limit=3, reason="Abuse", is_confirmed=True)
    assert raw("SELECT limit_value FROM tenant_quota")[0].limit_value == 3


def test_clearing_an_override_that_the_use_needs_is_confirmed_too(acme, actor_of, raw):
    admin = actor_of("admin")
    actions.set_override(admin, acme, "users", limit=50, reason="Migration")
    raw("UPDATE tenant SET seats = 2")
    with pytest.raises(ConfirmationNeeded):
        actions.clear_override(admin, acme, "users", reason="Over", version=1)
    assert raw("SELECT count(*) FROM tenant_quota")[0].count == 1
    actions.clear_override(admin, acme, "users", reason="Over", version=1, is_confirmed=True)
    assert raw("SELECT count(*) FROM tenant_quota")[0].count == 0


def test_two_editors_at_once_one_gets_the_conflict(acme, actor_of, raw):
    admin = actor_of("admin")
    actions.set_override(admin, acme, "users", limit=50, reason="One", version=0)
    with pytest.raises(Conflict):
        actions.set_override(admin, acme, "users", limit=60, reason="Two", version=0)
    actions.set_override(admin, acme, "users", limit=70, reason="Three", version=1)
    actions.clear_override(admin, acme, "users", reason="Done", version=2)
    with pytest.raises(Conflict, match="cleared while you edited"):
        actions.set_override(admin, acme, "users", limit=60, reason="Four", version=2)


def test_expired_override_does_not_count_and_goes(acme, system, raw):
    soon = utc_now() + timedelta(seconds=30)
    actions.set_override(system, acme, "users", limit=50, reason="Trial", expires_at=soon)
    assert deciding.check(system, acme, "users").limit == 50
    assert deciding.check(system, acme, "users", now=soon).limit == 10
    raw("UPDATE tenant_quota SET expires_at = now() - interval '1 s'")
    tasks.measure(system)
    assert raw("SELECT count(*) FROM tenant_quota")[0].count == 0
    assert raw("SELECT limit_value, source FROM quota_usage WHERE resource = 'users'")[0] == (10, "seats")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"limit": -1}, "limit"), ({"limit": "many"}, "limit"), ({"limit": "NaN"}, "limit"), ({"limit": "1e40"}, "limit"),
        ({"limit": True}, "limit"), ({"limit": 10, "expires_at": utc_now() - timedelta(1)}, "expires_at"),
        ({"limit": 10, "expires_at": utc_now() + timedelta(999)}, "expires_at"), ({"limit": 10, "reason": "x" * 501}, "reason"),
    ],
)  # fmt: skip
def test_bad_input_is_a_sentence_and_changes_nothing(acme, actor_of, raw, values, field):
    with pytest.raises(Invalid) as caught:
        actions.set_override(actor_of("admin"), acme, "users", **{"reason": "Why"} | values)
    assert field in caught.value.fields
    assert raw("SELECT count(*) FROM tenant_quota")[0].count == 0


def test_override_is_refused_without_right_reason_sight_or_a_living_tenant(acme, actor_of, raw):
    with pytest.raises(Denied):
        actions.set_override(actor_of("support"), acme, "users", limit=50, reason="Why")
    with pytest.raises(ReasonRequired):
        actions.set_override(actor_of("admin"), acme, "users", limit=50, reason=" ")
    with pytest.raises(NotFound):
        actions.set_override(actor_of("admin", scope="assigned"), acme, "users", limit=50, reason="Why")
    with pytest.raises(NotFound):
        queries.of_tenant(actor_of("admin", scope="assigned"), acme)
    raw("UPDATE tenant SET status = 'deleted'")
    with pytest.raises(Invalid):
        actions.set_override(actor_of("admin"), acme, "users", limit=50, reason="Why")
    assert raw("SELECT count(*) FROM tenant_quota")[0].count == 0


@pytest.mark.parametrize(
    ("policy", "used", "limit", "upgrade", "verdict"),
    [
        ("block", 9, 10, None, "allowed"), ("block", 10, 10, None, "blocked"), ("throttle", 10, 10, None, "throttled"),
        ("notify", 99, 10, None, "allowed"), ("auto_upgrade", 10, 10, None, "allowed"),
        ("auto_upgrade", 10, 10, "waiting", "allowed"), ("auto_upgrade", 10, 10, "rejected", "throttled"),
        ("block", None, 10, None, "allowed"), ("block", 10**9, None, None, "allowed"), ("block", 0, 0, None, "blocked"),
    ],
)  # fmt: skip
def test_decision_follows_the_policy(policy, used, limit, upgrade, verdict):
    amounts = [None if one is None else Decimal(one) for one in (used, limit)]
    assert rules.decide(policy, *amounts, Decimal(1), upgrade=upgrade).verdict == verdict


def test_check_answers_in_one_statement_what_the_product_may_do(db, system, statements_of, raw):
    acme = given.tenant("basic")
    now = utc_now()
    given.calls(acme, now, 99_999)
    measuring.measure(system, now=now)
    found = deciding.check(system, acme, "api_calls", now=now)
    assert (found.decision, found.limit, found.used, found.remaining) == ("allowed", 100_000, 99_999, 1)
    assert found.resets_at == rules.resets_at(rules.resource_of("api_calls"), now)
    assert deciding.check(system, acme, "api_calls", amount=Decimal(2), now=now).decision == "throttled"
    assert deciding.check(system, acme, "api_calls", amount=Decimal(2), now=found.resets_at).decision == "allowed"
    assert statements_of(lambda: deciding.check(system, acme, "api_calls")) == 1
    raw("UPDATE tenant SET status = 'suspended'")
    assert deciding.check(system, acme, "api_calls").decision == "blocked"
    with pytest.raises(NotFound):
        deciding.check(system, uuid4(), "users")
    with pytest.raises(Invalid):
        deciding.check(system, acme, "beer")


def test_list_of_who_is_near_is_sorted_paged_and_filtered(db, system, actor_of):
    made = [given.tenant("pro", name=f"T{used}", seats=10, people=used) for used in (4, 8, 9, 10, 12)]
    measuring.measure(system)
    first = queries.near(system, queries.Filters(), limit=3)
    rest = queries.near(system, queries.Filters(), after=first.next, limit=3)
    assert [*first.frame["tenant"], *rest.frame["tenant"]] == ["T12", "T10", "T9", "T8"]
    assert rest.next is None
    assert list(queries.near(system, queries.Filters(least=Decimal(1))).frame["tenant"]) == ["T12", "T10"]
    assert queries.near(system, queries.Filters(resources=("messages",))).frame.empty
    assert list(queries.near(system, queries.Filters(text="t9")).frame["tenant"]) == ["T9"]
    assert queries.counts(system) == {"80": 1, "90": 1, "100": 2}
    assert queries.near(actor_of("client_success"), queries.Filters()).frame.empty
    soon = utc_now() + timedelta(days=3)
    actions.set_override(system, made[4], "users", limit=12, reason="Peak", expires_at=soon, is_confirmed=True)
    ending = queries.ending(system)
    assert [tuple(row) for row in ending[["tenant", "override_limit", "plan_limit", "used"]].to_numpy()] == [
        ("T12", 12, 10, 12)
    ]
