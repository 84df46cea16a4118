"""A purge: nothing of the tenant is left but what is kept for a reason, and the certificate says so and can be checked."""

import hashlib
from datetime import timedelta

import orjson
import pytest

from core import demo
from core.customers.tenants import actions
from core.customers.tenants.purge import actions as purging
from core.customers.tenants.purge import certificate, queries, tasks
from core.customers.tenants.purge.plan import KEPT
from core.health.requests import demo as requests_demo
from core.kernel.errors import Denied, Invalid, NotFound
from core.kernel.times import utc_now
from tests.core.customers.test_tenants import make

# Named in what an operator wrote or in a log of work, not in rows of the tenant's own; these go by their own retention.
PASSING = {"procrastinate_jobs", "procrastinate_events", "api_answer", "once_key"}


def make_due(raw, tenant_id) -> None:
    raw("UPDATE tenant SET purge_after = now() - interval '1 minute' WHERE id = :id", id=tenant_id)


@pytest.fixture
def due(db, raw, system):
    """A deleted tenant whose days of grace are over."""
    tenant = make(system, "Acme")
    actions.delete(system, tenant.id, reason="Contract ended")
    make_due(raw, tenant.id)
    return tenant


def _where_found(raw, text: str) -> dict[str, int]:
    """Every table that has the text anywhere in a row, with the number of such rows."""
    tables = raw("SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                 " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition")  # fmt: skip
    counts = {
        row.relname: raw(f'SELECT count(*) FROM "{row.relname}" t WHERE t::text LIKE :like', like=f"%{text}%")[0].count
        for row in tables
    }
    return {name: count for name, count in counts.items() if count}


def test_nothing_of_a_tenant_is_left_anywhere_but_what_is_kept(db, raw, system, monkeypatch):
    # Every table, but of requests those of a few routes and days: they are most of what takes time.
    monkeypatch.setattr(requests_demo, "PRODUCT_FOR", timedelta(days=3))
    monkeypatch.setattr(requests_demo, "ROUTES", requests_demo.ROUTES[5:])
    assert demo.seed()
    tenant = raw("SELECT t.id, t.name, t.domain FROM tenant t JOIN webhook w ON w.tenant_id = t.id"
                 " JOIN api_key k ON k.tenant_id = t.id WHERE t.status = 'active' ORDER BY t.name LIMIT 1")[0]  # fmt: skip
    before = _where_found(raw, str(tenant.id))
    assert len(before) > 15
    actions.delete(system, tenant.id, reason="Contract ended")
    make_due(raw, tenant.id)
    made = purging.purge(system, tenant.id)
    left = _where_found(raw, str(tenant.id))
    assert set(left) - set(KEPT) - PASSING == set()
    assert _where_found(raw, tenant.domain).keys() <= {"audit_entry", "deletion_certificate", "event", *PASSING}
    removed = {one["table"]: one["rows"] for one in orjson.loads(made.document)["removed"]}
    assert {name: removed.get(name) for name in ("tenant_user", "request_record", "api_key", "webhook")} == {
        name: before[name] for name in ("tenant_user", "request_record", "api_key", "webhook")
    }
    others = raw("SELECT count(*) FROM tenant_user")[0].count
    assert others > 400


def test_purge_leaves_a_nameless_row_an_entry_an_event_and_a_certificate(due, raw, system):
    made = purging.purge(system, due.id)
    row = raw("SELECT * FROM tenant")[0]
    assert (row.status, row.name, row.domain) == (
        "purged", f"Purged tenant {due.id.hex[-8:]}", f"purged-{due.id.hex}.invalid",
    )  # fmt: skip
    assert (row.deletion_reason, row.purge_after, row.owner_id) == (None, None, None)
    entry = raw("SELECT severity, details FROM audit_entry WHERE action = 'tenants.purge'")[0]
    assert (entry.severity, entry.details["certificate"]) == ("critical", made.number)
    assert raw("SELECT tenant_id FROM event WHERE type = 'tenants.purge'") == [(due.id,)]
    with pytest.raises(Invalid, match="was purged"):
        purging.purge(system, due.id)
    make(system, "Newcomer", domain=due.domain)


def test_certificate_names_what_is_gone_and_what_stays_and_bears_its_signature(due, raw, actor_of, system):
    purging.purge(system, due.id)
    found = queries.certificate_of(actor_of("support"), due.id)
    content = found["content"]
    assert content["tenant"]["name"] == "Acme"
    assert {one["table"] for one in content["kept"]} >= {"audit_entry", "tenant"}
    assert all(one["reason"] for one in content["kept"])
    assert found["digest"] == hashlib.sha256(found["document"].encode()).hexdigest()
    assert found["problem"] is None
    forged = found["document"].replace("Acme", "Acne")
    assert "changed" in certificate.problem(found | {"document": forged})
    again = {"document": forged, "digest": hashlib.sha256(forged.encode()).hexdigest()}
    assert "signature" in certificate.problem(found | again)
    assert "key" in certificate.problem(found | {"public_key": "A" * 43 + "="})


def test_certificate_is_for_those_who_see_the_tenant(due, actor_of, system):
    with pytest.raises(NotFound):
        queries.certificate_of(system, due.id)
    purging.purge(system, due.id)
    with pytest.raises(NotFound):
        queries.certificate_of(actor_of("client_success"), due.id)
    with pytest.raises(Denied):
        queries.certificate_of(actor_of("developer"), due.id)


def test_purge_waits_until_the_grace_is_over_and_restore_until_then(db, raw, system):
    tenant = make(system)
    actions.delete(system, tenant.id, reason="x")
    due_in = raw("SELECT purge_after - deleted_at AS grace FROM tenant")[0].grace
    assert due_in == timedelta(days=30)
    with pytest.raises(Invalid, match="still be restored"):
        purging.purge(system, tenant.id)
    tasks.purge_due(system)
    assert raw("SELECT status FROM tenant")[0].status == "deleted"
    make_due(raw, tenant.id)
    with pytest.raises(Invalid, match="ended"):
        actions.restore(system, tenant.id)
    tasks.purge_due(system)
    tasks.purge_due(system)
    assert raw("SELECT status FROM tenant")[0].status == "purged"
    assert raw("SELECT count(*) FROM deletion_certificate")[0].count == 1


def test_purge_that_was_interrupted_goes_on_and_forgets_no_row(due, raw, system, monkeypatch):
    raw("INSERT INTO tenant_rollup_day (bucket, tenant_id, service, channel, status_class, total, errors, timed,"
        " duration_ms_sum, sketch_keys, sketch_counts) SELECT date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC',"
        " :id, 'portal', 'api', number, 7, 1, 7, 5, '{}', '{}' FROM generate_series(2, 4) number", id=due.id)  # fmt: skip
    issue = certificate.issue
    monkeypatch.setattr(certificate, "issue", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        purging.purge(system, due.id)
    assert raw("SELECT status FROM tenant")[0].status == "deleted"
    assert raw("SELECT count(*) FROM tenant_rollup_day")[0].count == 0
    monkeypatch.setattr(certificate, "issue", issue)
    made = purging.purge(system, due.id)
    removed = {one["table"]: one["rows"] for one in orjson.loads(made.document)["removed"]}
    assert removed["tenant_rollup_day"] == 3


def test_only_the_portal_itself_purges(due, raw, actor_of):
    with pytest.raises(Denied):
        purging.purge(actor_of("admin"), due.id)
    assert raw("SELECT status FROM tenant")[0].status == "deleted"
    assert utc_now() > due.created_at


def test_certificate_is_a_document_also_for_names_in_other_letters(db, raw, system):
    from core.customers.tenants.purge import pdf

    tenant = make(system, "Łódź Ελλάδα 日本")
    actions.delete(system, tenant.id, reason="x")
    make_due(raw, tenant.id)
    purging.purge(system, tenant.id)
    found = queries.certificate_of(system, tenant.id)
    document = pdf.render(found)
    assert document.startswith(b"%PDF")
    assert document == pdf.render(found)
    assert len(document) < 200_000
