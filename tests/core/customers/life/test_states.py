"""The states of a tenant: every act on every state, and what a life of any length leads to."""

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.customers.tenants import actions, rules
from core.customers.tenants.purge import actions as purging
from core.kernel.errors import Invalid
from tests.core.customers.test_tenants import make

ACTS = {
    "update": lambda actor, tenant_id: actions.update(
        actor, tenant_id, version=_version(actor, tenant_id), name="Renamed"
    ),
    "suspend": lambda actor, tenant_id: actions.suspend(actor, tenant_id, reason="Unpaid"),
    "reactivate": actions.reactivate,
    "delete": lambda actor, tenant_id: actions.delete(actor, tenant_id, reason="Contract ended"),
    "restore": actions.restore,
    "purge": purging.purge,
}
# What a tenant is after the act; a pair that is not here is refused.
LEADS_TO = {
    ("active", "update"): "active", ("trial", "update"): "trial", ("suspended", "update"): "suspended",
    ("active", "suspend"): "suspended", ("trial", "suspend"): "suspended", ("suspended", "reactivate"): "active",
    ("active", "delete"): "deleted", ("trial", "delete"): "deleted", ("suspended", "delete"): "deleted",
    ("deleted", "restore"): "active", ("deleted", "purge"): "purged",
}  # fmt: skip


def _version(actor, tenant_id) -> int:
    from core.customers.tenants import queries

    return queries.one(actor, tenant_id)["version"]


def _given(raw, system, status: str, act: str):
    """A tenant of that status; a deleted one is due only where it is about to be purged."""
    tenant = make(system)
    due = "now() - interval '1 hour'" if act == "purge" else "now() + interval '1 day'"
    raw(f"UPDATE tenant SET status = :status, purge_after = CASE WHEN :status = 'deleted' THEN {due} END,"
        " suspended_at = CASE WHEN :status = 'suspended' THEN now() END WHERE id = :id", status=status, id=tenant.id)  # fmt: skip
    return tenant.id


@pytest.mark.parametrize(("status", "act"), list(product(rules.STATUSES, ACTS)))
def test_every_act_on_every_state(db, raw, system, status, act):
    tenant_id = _given(raw, system, status, act)
    expected = LEADS_TO.get((status, act))
    before = raw("SELECT * FROM tenant")[0]
    done = raw("SELECT count(*) FROM audit_entry WHERE outcome = 'done'")[0].count
    if expected is None:
        with pytest.raises(Invalid, match="This tenant"):
            ACTS[act](system, tenant_id)
        assert raw("SELECT * FROM tenant")[0] == before
        assert raw("SELECT count(*) FROM audit_entry WHERE outcome = 'done'")[0].count == done
    else:
        ACTS[act](system, tenant_id)
        assert raw("SELECT status FROM tenant")[0].status == expected
        assert raw("SELECT count(*) FROM audit_entry WHERE outcome = 'done'")[0].count == done + 1
        assert raw("SELECT type FROM event ORDER BY id DESC LIMIT 1")[0].type == f"tenants.{act}"


def test_the_rules_allow_what_the_table_says():
    allowed = {(status, act) for act, statuses in rules.ALLOWED.items() for status in statuses}
    assert allowed == set(LEADS_TO)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(["suspend", "reactivate", "delete", "restore"]), min_size=2, max_size=7))
def test_any_life_agrees_with_its_columns(db, raw, system, acts):
    tenant_id = make(system).id
    for act in acts:
        status = raw("SELECT status FROM tenant WHERE id = :id", id=tenant_id)[0].status
        if status in rules.ALLOWED[act]:
            ACTS[act](system, tenant_id)
        row = raw("SELECT * FROM tenant WHERE id = :id", id=tenant_id)[0]
        assert (row.status == "deleted") == (row.deleted_at is not None) == (row.purge_after is not None)
        assert row.status != "suspended" or (row.suspended_at and row.suspension_reason)
        assert row.status not in ("active", "trial") or row.suspended_at is None
