"""What is wrong with a tenant now: each kind with its own fault, nothing for others, and unknown said as unknown."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from core.customers.overview import actions, identity, queries, trail
from core.customers.overview.findings import Finding, of_tenant, ordered
from core.customers.overview.sources import SOURCES
from core.customers.tenants import actions as tenants
from core.customers.tenants import queries as directory
from core.kernel.errors import Denied, NotFound
from core.kernel.times import utc_now
from tests.core.customers.test_tenants import make

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
ROW = {"status": "active", "suspension_reason": None, "suspended_at": None, "trial_ends_on": None}


def _kinds(actor, tenant_id):
    now = queries.now_wrong(actor, directory.one(actor, tenant_id))
    return {(one.kind, one.severity) for one in now.findings}


@pytest.mark.parametrize(
    ("ends_on", "said"),
    [
        (date(2026, 5, 28), None), (date(2026, 5, 27), "The trial ends in 7 days"),
        (date(2026, 5, 21), "The trial ends in 1 day"),
        (date(2026, 5, 20), "The trial ends today"), (date(2026, 5, 19), "The trial ended on 19 May 2026"),
        (None, "On trial without an end"),
    ],
)  # fmt: skip
def test_trials_are_told_from_seven_days_before(ends_on, said):
    found = list(of_tenant(ROW | {"status": "trial", "trial_ends_on": ends_on}, now=NOW))
    assert [one.sentence for one in found] == ([said] if said else [])


def test_suspension_and_deletion_are_told_with_since_and_reason():
    suspended = ROW | {"status": "suspended", "suspended_at": NOW, "suspension_reason": "Unpaid"}
    assert list(of_tenant(suspended, now=NOW)) == [
        Finding("suspended", "critical", "Suspended", detail="Unpaid", since=NOW)
    ]
    deleted = ROW | {
        "status": "deleted",
        "deleted_at": NOW,
        "purge_after": NOW + timedelta(days=3),
        "deletion_reason": "Left",
    }
    (found,) = of_tenant(deleted, now=NOW)
    assert (found.sentence, found.detail) == ("Deleted. Purged on 23 May 2026, in 3 days", "Left")


def test_the_worst_comes_first_and_of_these_the_longest_lasting():
    given = [Finding("a", "info", ""), Finding("b", "critical", "", since=NOW), Finding("c", "critical", "", since=None),
             Finding("d", "critical", "", since=NOW - timedelta(hours=1))]  # fmt: skip
    assert [one.kind for one in ordered(given)] == ["d", "b", "c", "a"]


def test_nothing_is_wrong_with_a_fresh_tenant_but_what_nobody_watches_is_unknown(db, system):
    tenant = make(system)
    now = queries.now_wrong(system, directory.one(system, tenant.id))
    assert now.findings == []
    assert [one for one in now.unknown if "none watches this tenant" in one]


def _faults(raw, tenant_id):
    """One fault of each kind, in the tables themselves."""
    known = {"t": tenant_id, "id": uuid4(), "now": utc_now()}
    raw("""INSERT INTO webhook (id, tenant_id, name, url, events, signing, secret, sends_iris_headers, timeout_s,
        max_concurrency, is_ordered, enabled_at, disabled_at, disabled_reason, created_at, updated_at, version)
        VALUES (:id, :t, 'Shop', 'https://a.example', '{*}', 'v1', 'x', false, 5, 1, false, :now, :now, 'Gone', :now, :now, 1)""",
        **known)  # fmt: skip
    raw(
        """INSERT INTO monitor (id, name, description, kind, settings, target, interval_s, timeout_s, retries, retry_interval_s,
        tags, is_paused, allows_private, created_at, updated_at, version)
        VALUES (:id, 'Portal', '', 'http', '{}', 'https://x.example', 60, 10, 1, 20, '{}', false, false, :now, :now, 1)""",
        **known,
    )
    raw("INSERT INTO monitor_tenant (monitor_id, tenant_id) VALUES (:id, :t)", **known)
    raw(
        """INSERT INTO monitor_state (monitor_id, state, since, checked_at, due_by)
        VALUES (:id, 'down', :now, :now, :now + interval '1 hour')""",
        **known,
    )
    raw("""INSERT INTO checker_run (id, host, pid, started_at, seen_at) VALUES (:id, 'a', 1, now(), now())""", **known)
    raw(
        """INSERT INTO error_group (fingerprint, service, type, message, route, first_seen_at, last_seen_at)
        VALUES ('f1', 'shop', 'KeyError', 'm', '/cart', :now, :now)""",
        **known,
    )
    raw(
        """INSERT INTO error_rollup_hour (bucket, fingerprint, service, tenant_id, total)
        VALUES (date_trunc('hour', now()), 'f1', 'shop', :t, 1234)""",
        **known,
    )
    raw("""INSERT INTO quota_usage (tenant_id, resource, used, limit_value, source, policy, ratio, measured_at)
        VALUES (:t, 'messages', 120, 100, 'plan', 'notify', 1.2, :now), (:t, 'api_calls', 85, 100, 'plan', 'notify', 0.85, :now),
        (:t, 'users', 5, 100, 'plan', 'notify', 0.05, :now), (:t, 'storage_bytes', NULL, 100, 'plan', 'notify', NULL, :now)""",
        **known)  # fmt: skip
    raw(
        """INSERT INTO invoice (id, number, tenant_id, source, status, issued_on, due_on, currency, subtotal, tax, total,
        created_at, updated_at, version) VALUES (:id, 'INV-1', :t, 'manual', 'open', current_date - 40, current_date - 10, 'USD',
        1199, 0, 1199, :now, :now, 1)""",
        **known,
    )
    raw(
        """INSERT INTO alert (id, rule_id, rule_name, dedup_key, group_key, tenant_id, subject, labels, severity, area, status,
        opened_at, unit, summary, occurrences, is_flapping, is_group, notifies, created_at, updated_at, version)
        SELECT :id, id, name, 'd', 'g', :t, 'Shop', '{}', 'critical', 'health', 'open', :now, '', 'Too slow', 1, false, false,
        true, :now, :now, 1 FROM alert_rule LIMIT 1""",
        **known,
    )


def test_payment_past_due_and_infrastructure_out_of_the_region_are_found(db, system, raw):
    tenant = make(system, region="EU")
    raw("UPDATE subscription SET status = 'past_due' WHERE tenant_id = :t", t=tenant.id)
    raw(
        """INSERT INTO infrastructure (id, tenant_id, status, provider, region, region_group, requested_by_name, created_at,
        updated_at, version) VALUES (:t, :t, 'requested', 'aws', 'us-east-1', 'US', 'Ida', now(), now(), 1)""",
        t=tenant.id,
    )
    raw(
        """INSERT INTO residency_violation (id, infrastructure_id, tenant_id, tenant_region, region_group, opened_at, cause,
        caused_by_name) VALUES (:t, :t, :t, 'EU', 'US', now(), 'The tenant moved', 'Ida')""",
        t=tenant.id,
    )
    now = queries.now_wrong(system, directory.one(system, tenant.id))
    assert {one.kind: one.severity for one in now.findings} == {"subscription": "warning", "residency": "critical"}
    assert now.findings[0].sentence == "Infrastructure in US for a tenant of EU"


EVERY = {("webhook", "warning"), ("monitor", "critical"), ("error", "warning"), ("quota", "critical"), ("quota", "warning"),
         ("invoice", "warning"), ("alert", "critical")}  # fmt: skip


def test_every_kind_is_found_with_its_tenant_and_with_no_other(db, system, raw):
    tenant, other = make(system, "Alpha"), make(system, "Beta")
    _faults(raw, tenant.id)
    assert _kinds(system, tenant.id) == EVERY
    assert _kinds(system, other.id) == set()
    now = queries.now_wrong(system, directory.one(system, tenant.id))
    told = {one.kind: one for one in now.findings}
    assert told["invoice"].sentence == "Invoice INV-1 over 1,199.00 USD is overdue"
    assert told["error"].sentence == "1,234 × KeyError in 24 h"
    assert told["monitor"].sentence == "Monitor Portal is down"
    assert all(one.since for one in now.findings if one.kind != "quota")
    assert "Quotas: not measured are Storage." in now.unknown


def test_one_sees_what_his_role_sees_and_is_told_of_the_rest(db, system, actor_of, raw):
    tenant = make(system)
    _faults(raw, tenant.id)
    operator = actor_of("hotline_operator")
    now = queries.now_wrong(operator, directory.one(operator, tenant.id))
    assert now.findings == []
    assert len(now.unknown) == len({one.name for one in SOURCES})
    assert _kinds(actor_of("support_tier_1"), tenant.id) == {one for one in EVERY if one[0] == "quota"}


def test_who_looked_and_who_changed_is_in_the_trail(db, system, actor_of, raw):
    tenant, reader, editor = make(system), actor_of("support", name="Rita"), actor_of("admin", name="Ede")
    actions.look(reader, tenant.id)
    actions.look(reader, tenant.id)
    tenants.update(editor, tenant.id, version=1, name="Beta")
    people = trail.people(editor, tenant.id, trail.Filters()).set_index("actor_name")
    assert tuple(people.loc["Rita", ["changed", "looked"]]) == (0, 2)
    assert tuple(people.loc["Ede", ["changed", "looked"]]) == (1, 0)
    looked = trail.entries(editor, tenant.id, trail.Filters(kind="looked", who="ri")).frame
    assert list(looked["action"]) == ["overview.look"] * 2
    assert raw("SELECT count(*) FROM tenant WHERE version = 2")[0].count == 1
    with pytest.raises(Denied):
        trail.people(reader, tenant.id, trail.Filters())
    with pytest.raises(NotFound):
        actions.look(actor_of("client_success"), tenant.id)


def test_who_answers_is_named_and_the_owner_masked_by_role(db, system, actor_of, raw):
    tenant = make(system)
    person = uuid4()
    raw(
        """INSERT INTO tenant_user (id, tenant_id, email, name, is_admin, created_at, updated_at, version)
        VALUES (:id, :t, 'zoe@acme.example', 'Zoe Quinn', true, now(), now(), 1)""",
        id=person,
        t=tenant.id,
    )
    row = directory.one(system, tenant.id) | {"owner_id": person}
    assert identity.people(actor_of("support"), row).owner == "Zoe Quinn, zoe@acme.example"
    masked = identity.people(actor_of("support_tier_1"), row).owner
    assert masked and "Zoe" not in masked and "zoe@" not in masked
    assert identity.people(actor_of("hotline_operator"), row).owner is None
