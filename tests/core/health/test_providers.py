"""Providers: who is used, who follows, who may switch them, and how each one does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from uuid import uuid4

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.health.providers import actions, course, queries, rules
from core.kernel.actor import Actor
from core.kernel.errors import Conflict, Denied, ExpectedError, Invalid, NotFound, ReasonRequired
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.health.traffic import ago, messages, this_minute

SYSTEM = Actor.system("test")


def make(name="twilio", channel="sms", **values):
    return actions.create(SYSTEM, name=name, channel=channel, **values)


def three():
    return [make(name) for name in ("twilio", "telnyx", "plivo")]


def used(channel="sms") -> tuple:
    found = queries.route(SYSTEM, channel)
    return found.active, found.order


def last_payload(raw) -> dict:
    return raw("SELECT payload FROM event WHERE type LIKE 'providers.%' ORDER BY id DESC LIMIT 1")[0].payload


def failover(raw) -> tuple:
    """Who was used before the last action, and who after it."""
    payload = last_payload(raw)
    return payload["from_provider"], payload["to_provider"]


def reading(since=None, until=None) -> pd.DataFrame:
    frame = queries.directory(SYSTEM, since or ago(hours=1), until or this_minute() + timedelta(minutes=1))
    return frame.set_index(["provider", "channel"])


@pytest.mark.parametrize(
    ("failed", "status"),
    [(0, "healthy"), (4, "healthy"), (5, "degraded"), (14, "degraded"), (15, "down"), (100, "down")],
)
def test_bands_begin_at_their_boundaries(failed, status):
    assert rules.status_of(rules.error_ratio(100, 100 - failed, failed)) == status


def test_bands_have_no_gap_just_below_the_boundary():
    assert rules.status_of(0.05 - 1e-12) == "healthy"
    assert rules.status_of(0.15 - 1e-12) == "degraded"


def test_without_traffic_nothing_is_known():
    assert rules.error_ratio(0, 0, 0) is None
    assert rules.delivery_ratio(0, 0) is None
    assert rules.status_of(None) == "unknown"


def test_provider_without_receipts_is_not_down_and_one_that_refuses_everything_is():
    assert rules.error_ratio(100, 0, 3) == 0.03
    assert rules.error_ratio(0, 0, 7) == 1.0


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_error_ratio_is_a_share(sent, delivered, failed):
    ratio = rules.error_ratio(sent, delivered, failed)
    assert (ratio is None) == (sent == delivered == failed == 0)
    assert ratio is None or 0 <= ratio <= 1


def test_worst_leaves_out_what_is_unknown():
    assert rules.worst(["healthy", "unknown", "degraded"]) == "degraded"
    assert rules.worst(["unknown"]) == "unknown"


def test_create_is_last_in_its_channel_and_leaves_audit_and_event(db, raw):
    make()
    row = make("  telnyx  ", " SMS ", note=" spare ")
    stored = raw("SELECT * FROM provider WHERE id = :id", id=row.id)[0]
    assert (stored.name, stored.channel, stored.position, stored.note) == ("telnyx", "sms", 2, "spare")
    assert make("mailgun", "email").position == 1
    entries = raw("SELECT action, outcome, severity FROM audit_entry WHERE action LIKE 'providers.%'")
    assert [tuple(entry) for entry in entries] == [("providers.create", "done", "warning")] * 3
    assert raw("SELECT count(*) AS n FROM event WHERE type = 'providers.create'")[0].n == 3


def test_first_provider_of_a_channel_takes_over_from_nobody(db, raw):
    make()
    assert last_payload(raw)["channel"] == "sms"
    assert failover(raw) == (None, "twilio")
    make("telnyx")
    assert failover(raw) == ("twilio", "twilio")


def test_create_names_every_bad_field_at_once(db, raw):
    with pytest.raises(Invalid) as caught:
        make("", "text messages", note="x" * 501)
    assert set(caught.value.fields) == {"name", "channel", "note"}
    with pytest.raises(Invalid, match="already a provider of sms"):
        make("twilio"), make("twilio")
    assert raw("SELECT count(*) AS n FROM provider")[0].n <= 1


def test_disabling_the_active_one_fails_over_to_the_next_enabled(db, raw):
    first, second, third = three()
    actions.disable(SYSTEM, second.id, reason="contract ended")
    assert used() == ("twilio", ("twilio", "plivo"))
    assert failover(raw) == ("twilio", "twilio")
    row = actions.disable(SYSTEM, first.id, reason=" outage ")
    assert used() == ("plivo", ("plivo",))
    assert failover(raw) == ("twilio", "plivo")
    assert (last_payload(raw)["channel"], last_payload(raw)["reason"]) == ("sms", " outage ")
    assert (row.disabled_reason, row.disabled_by_name, row.is_enabled) == ("outage", "test", False)
    actions.enable(SYSTEM, first.id)
    assert used() == ("twilio", ("twilio", "plivo"))
    assert failover(raw) == ("plivo", "twilio")
    assert raw("SELECT disabled_at, disabled_reason FROM provider WHERE id = :id", id=first.id)[0] == (None, None)
    assert third.is_enabled


def test_last_enabled_one_goes_only_on_purpose(db, raw):
    only = make()
    with pytest.raises(Invalid, match="Nothing would be left to carry sms") as caught:
        actions.disable(SYSTEM, only.id, reason="outage")
    assert set(caught.value.fields) == {"leave_none"}
    assert used() == ("twilio", ("twilio",))
    actions.disable(SYSTEM, only.id, reason="outage", leave_none=True)
    assert used() == (None, ())
    assert failover(raw) == ("twilio", None)


def test_wrong_state_and_missing_reason_change_nothing(db, raw):
    first, _, _ = three()
    with pytest.raises(Invalid, match="enabled already"):
        actions.enable(SYSTEM, first.id)
    with pytest.raises(ReasonRequired):
        actions.disable(SYSTEM, first.id, reason=" ")
    actions.disable(SYSTEM, first.id, reason="outage")
    with pytest.raises(Invalid, match="disabled already"):
        actions.disable(SYSTEM, first.id, reason="outage")
    with pytest.raises(NotFound):
        actions.disable(SYSTEM, uuid4(), reason="outage")
    assert (
        raw("SELECT count(*) AS n FROM audit_entry WHERE action IN ('providers.enable', 'providers.disable')")[0].n == 1
    )


def test_update_changes_name_and_note_alone(db, raw):
    row = make()
    actions.update(SYSTEM, row.id, name="twilio-eu", note="EU", version=1)
    assert used() == ("twilio-eu", ("twilio-eu",))
    with pytest.raises(Conflict, match="changed name, note"):
        actions.update(SYSTEM, row.id, note="late", version=1)
    with pytest.raises(Invalid) as caught:
        actions.update(SYSTEM, row.id, channel="email", is_enabled=False)
    assert set(caught.value.fields) == {"channel", "is_enabled"}
    make("telnyx")
    with pytest.raises(Invalid, match="already in use"):
        actions.update(SYSTEM, row.id, name="telnyx")


def test_reorder_sets_the_order_and_tells_who_is_used(db, raw):
    first, second, third = three()
    actions.reorder(SYSTEM, "sms", [third.id, first.id, second.id], was=[first.id, second.id, third.id])
    assert used() == ("plivo", ("plivo", "twilio", "telnyx"))
    assert failover(raw) == ("twilio", "plivo")
    assert [row.position for row in raw("SELECT position FROM provider ORDER BY position")] == [1, 2, 3]


def test_reorder_refuses_an_order_that_is_stale_or_not_whole(db, raw):
    first, second, third = three()
    with pytest.raises(Conflict, match="changed the order of sms"):
        actions.reorder(SYSTEM, "sms", [third.id, first.id, second.id], was=[second.id, first.id, third.id])
    other = make("mailgun", "email")
    for wanted in (
        [],
        [first.id, second.id],
        [first.id, first.id, second.id, third.id],
        [first.id, second.id, other.id],
    ):
        with pytest.raises(Invalid, match="Name every provider of sms once"):
            actions.reorder(SYSTEM, "sms", wanted)
    assert used() == ("twilio", ("twilio", "telnyx", "plivo"))
    assert raw("SELECT count(*) AS n FROM audit_entry WHERE action = 'providers.reorder'")[0].n == 0


@pytest.mark.parametrize("role", ["support", "hotline_operator"])
def test_switching_providers_takes_the_right(db, raw, actor_of, role):
    first, second, third = three()
    actor = actor_of(role)
    for act in (
        lambda: actions.create(actor, name="x", channel="sms"), lambda: actions.update(actor, first.id, note="x"),
        lambda: actions.disable(actor, first.id, reason="x"), lambda: actions.enable(actor, first.id),
        lambda: actions.reorder(actor, "sms", [third.id, second.id, first.id]),
    ):  # fmt: skip
        with pytest.raises(Denied):
            act()
    assert used() == ("twilio", ("twilio", "telnyx", "plivo"))
    assert raw("SELECT count(*) AS n FROM audit_entry WHERE outcome = 'denied'")[0].n == 5


def test_key_of_one_tenant_does_not_switch_what_serves_all(db, raw):
    row = make()
    grants = frozenset({"providers:read", "providers:create", "providers:update"})
    key = Actor(None, "Key", "api_key", grants, "tenant", "api", key_id=uuid4(), tenant_id=uuid4())
    with pytest.raises(Denied, match="serve every tenant"):
        actions.disable(key, row.id, reason="x", leave_none=True)
    with pytest.raises(Denied, match="serve every tenant"):
        actions.create(key, name="mine", channel="sms")
    assert queries.route(key, "sms").active == "twilio"


def test_enabled_order_survives_many_edits_at_once(committed_raw):
    rows = [make(f"p{place}") for place in range(6)]
    ids, barrier = [row.id for row in rows], Barrier(4)

    def edit(place: int) -> int:
        barrier.wait()
        done = 0
        for turn in range(6):
            one = ids[(place + turn) % len(ids)]
            rotated = ids[place + 1 :] + ids[: place + 1]
            for act in (
                lambda one=one: actions.disable(SYSTEM, one, reason="x"), lambda one=one: actions.enable(SYSTEM, one),
                lambda rotated=rotated: actions.reorder(SYSTEM, "sms", rotated),
            ):  # fmt: skip
                try:
                    act()
                    done += 1
                except ExpectedError:
                    continue
        return done

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(edit, range(4)))
    assert done > 24
    stored = committed_raw("SELECT name, is_enabled, position FROM provider ORDER BY position")
    assert [row.position for row in stored] == [1, 2, 3, 4, 5, 6]
    order = tuple(row.name for row in stored if row.is_enabled)
    assert used() == (order[0], order)
    # Each event begins with whom the one before it ended.
    told = [
        (row.payload["from_provider"], row.payload["to_provider"])
        for row in committed_raw("SELECT payload FROM event ORDER BY xid")
    ]
    assert [start for start, _ in told] == [None, *(end for _, end in told[:-1])]
    assert told[-1][1] == order[0]


def test_two_new_providers_at_once_get_places_of_their_own(committed_raw):
    barrier = Barrier(5)

    def add(place: int) -> None:
        barrier.wait()
        make(f"p{place}")

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(add, range(5)))
    assert [row.position for row in committed_raw("SELECT position FROM provider ORDER BY 1")] == [1, 2, 3, 4, 5]


def test_route_of_an_unknown_channel_has_nobody(db):
    assert used("fax") == (None, ())
    with pytest.raises(Invalid):
        queries.route(SYSTEM, " ")


def test_figures_of_a_provider_add_up(db, raw):
    make()
    messages(raw, [
        *({"at": ago(minutes=5), "cost": Decimal("0.0075"), "currency": "USD"} for _ in range(20)),
        *({"at": ago(minutes=4), "status": "delivered", "duration_ms": took} for took in range(100, 1900, 100)),
        {"at": ago(minutes=3), "status": "failed", "error": "unreachable"},
        {"at": ago(minutes=3), "cost": Decimal("0.01"), "currency": "EUR"},
        {"at": ago(minutes=3)},
    ])  # fmt: skip
    row = reading().loc[("twilio", "sms")]
    assert (row["sent"], row["delivered"], row["failed"], row["messages"]) == (22, 18, 1, 22)
    assert row["delivery_ratio"] == pytest.approx(18 / 22)
    assert row["error_ratio"] == pytest.approx(1 / 22)
    assert row["status"] == "healthy"
    assert row["p50"] == pytest.approx(900, rel=0.02)
    assert row["p95"] == pytest.approx(1800, rel=0.02)
    assert row["cost_24h"] == {"USD": Decimal("0.15"), "EUR": Decimal("0.01")}
    assert row["unpriced_24h"] == 1
    assert bool(row["is_active"]) and bool(row["is_configured"])


def test_unpriced_messages_are_not_free_and_untimed_ones_not_fast(db, raw):
    messages(raw, [{"at": ago(minutes=5)}, {"at": ago(minutes=5), "status": "delivered"}])
    row = reading().loc[("twilio", "sms")]
    assert pd.isna(row["cost_24h"]) and row["unpriced_24h"] == 1
    assert pd.isna(row["p95"]) and row["timed"] == 0


def test_provider_seen_in_traffic_is_listed_beside_the_configured(db, raw):
    make("telnyx")
    messages(raw, [{"at": ago(minutes=5), "status": "failed"}])
    found = reading()
    assert list(found.index) == [("telnyx", "sms"), ("twilio", "sms")]
    assert list(found["is_configured"]) == [True, False]
    assert list(found["status"]) == ["unknown", "down"]
    assert pd.isna(found.loc[("telnyx", "sms"), "error_ratio"])
    assert found.loc[("telnyx", "sms"), "messages"] == 0


def test_status_is_of_the_last_hour_and_figures_of_the_range(db, raw):
    make()
    messages(raw, [
        *({"at": ago(hours=3), "status": status} for status in ["sent", "failed"] * 5),
        *({"at": ago(minutes=5)} for _ in range(5)),
    ])  # fmt: skip
    row = reading(since=ago(hours=5)).loc[("twilio", "sms")]
    assert row["status"] == "healthy"
    assert row["error_ratio"] == 0.5
    assert reading().loc[("twilio", "sms"), "error_ratio"] == 0


def test_course_has_every_minute_and_nothing_where_nothing_was_sent(db, raw):
    messages(raw, [{"at": ago(minutes=5)}, {"at": ago(minutes=3), "status": "failed"}])
    span, frame = course.course(SYSTEM, this_minute() - timedelta(minutes=10), this_minute() + timedelta(minutes=1))
    assert span.grain == "minute" and len(frame) == 11
    assert frame["messages"].sum() == 2
    by_minute = frame.set_index("bucket")["error_ratio"]
    assert by_minute.loc[this_minute() - timedelta(minutes=3)] == 1
    assert by_minute.loc[this_minute() - timedelta(minutes=5)] == 0
    assert by_minute.isna().sum() == 9
    _, other = course.course(SYSTEM, ago(hours=1), this_minute(), provider="telnyx", channel="sms")
    assert other["messages"].sum() == 0


def test_course_ends_where_counting_did(db, raw):
    messages(raw, [{"at": ago(minutes=5)}])
    raw("UPDATE rollup_watermark SET moved_at = now() - interval '3 minutes'")
    _, frame = course.course(SYSTEM, this_minute() - timedelta(minutes=10), this_minute() + timedelta(minutes=1))
    assert len(frame) == 8


def test_who_is_hit_names_tenants_with_most_failures_first(db, raw, system):
    acme, globex = make_tenant(system, "Acme"), make_tenant(system, "Globex")
    messages(raw, [
        *({"at": ago(minutes=5), "tenant_id": acme.id} for _ in range(9)),
        {"at": ago(minutes=5), "tenant_id": globex.id, "status": "failed"}, {"at": ago(minutes=5)},
        {"at": ago(minutes=5), "tenant_id": acme.id, "provider": "other"},
    ])  # fmt: skip
    frame = course.by_tenant(SYSTEM, "twilio", "sms", ago(hours=1), this_minute())
    assert list(frame["tenant"].fillna("none")) == ["Globex", "Acme", "none"]
    assert list(frame["messages"]) == [1, 9, 1]
    assert len(course.by_tenant(SYSTEM, "twilio", "sms", ago(hours=1), this_minute(), limit=1)) == 1


def test_tenants_out_of_sight_are_not_hit(db, raw, actor_of, system):
    acme, globex = make_tenant(system, "Acme"), make_tenant(system, "Globex")
    actor = actor_of("implementation_specialist", grants=frozenset({"providers:read", "health:read", "tenants:read"}))
    raw(
        "INSERT INTO tenant_assignment (operator_id, tenant_id, assigned_at) VALUES (:one, :two, now())",
        one=actor.operator_id, two=acme.id,
    )  # fmt: skip
    messages(raw, [{"at": ago(minutes=5), "tenant_id": one.id, "status": "failed"} for one in (acme, globex)])
    assert list(course.by_tenant(actor, "twilio", "sms", ago(hours=1), this_minute())["tenant"]) == ["Acme"]
    assert list(course.failures(actor, "twilio", "sms", ago(hours=1), this_minute())["tenant"]) == ["Acme"]


def test_last_failures_come_with_their_error_latest_first(db, raw):
    messages(raw, [
        {"at": ago(minutes=50), "status": "failed", "error": "older"},
        {"at": ago(minutes=5), "status": "failed", "error": "newer"},
        {"at": ago(minutes=5), "error": "no failure"}, {"at": ago(minutes=2), "status": "failed", "provider": "telnyx"},
    ])  # fmt: skip
    until = this_minute() + timedelta(minutes=1)
    assert list(course.failures(SYSTEM, "twilio", "sms", ago(hours=1), until)["error"]) == ["newer", "older"]
    assert course.failures(SYSTEM, "twilio", "sms", ago(minutes=4), until).empty


def test_summary_is_the_worst_of_the_enabled_ones(db, raw):
    assert queries.summary(SYSTEM).status == "not_configured"
    twilio = make()
    make("telnyx")
    assert queries.summary(SYSTEM).status == "unknown"
    messages(raw, [
        *({"at": ago(minutes=5), "status": status} for status in ["sent"] * 9 + ["failed"]),
        *({"at": ago(minutes=5), "provider": "telnyx"} for _ in range(3)),
    ])  # fmt: skip
    found = queries.summary(SYSTEM)
    assert (found.status, found.down, found.degraded) == ("degraded", (), ("twilio (sms)",))
    actions.disable(SYSTEM, twilio.id, reason="outage")
    assert queries.summary(SYSTEM).status == "healthy"
    lonely = make("mailgun", "email", is_enabled=False)
    found = queries.summary(SYSTEM)
    assert (found.status, found.stranded, lonely.is_enabled) == ("down", ("email",), False)


def test_summary_is_for_everybody_who_may_see_health(db, actor_of):
    make()
    assert queries.summary(actor_of("hotline_operator", grants=frozenset({"health:read"}))).status == "unknown"
    with pytest.raises(Denied):
        queries.summary(actor_of("support", grants=frozenset()))
    with pytest.raises(Denied):
        queries.directory(actor_of("support", grants=frozenset({"health:read"})), ago(hours=1), this_minute())
