"""The catalogue says what the code does, and its published form is the committed one."""

from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import orjson
import pytest

import core.models  # noqa: F401
from core.customers.tenants import actions as tenants
from core.kernel.permissions import table
from core.platform.webhooks import catalogue, messages

PUBLISHED = Path("docs/events.json")


# Of these nothing is told: the machinery's own, and a right that no action uses yet.
OWN = ("views.", "tenant_drafts.")  # what an operator arranges for himself
UNTOLD = {
    "demo.seed", "tenants.queue_notice", "tenants.mark_notice", "webhooks.queue_warning", "users.create",
    "subscriptions.mark_past_due", "quotas.queue_notice", "contracts.open_document", "contracts.plan_tasks",
    "contracts.sweep_documents", "incident_messages.remind", "incidents.collect", "on_call.settle", "sla_credits.compute",
    "sla_credits.release", "sla_credits.settle", "sla_credits.withdraw", "status_page.render",
}  # fmt: skip


def test_every_action_is_in_it_with_a_summary_or_is_untold():
    untold = set(table()) - set(catalogue.catalogue())
    assert {name for name in untold if not name.startswith(OWN)} == UNTOLD
    assert [kind.name for kind in catalogue.catalogue().values() if len(kind.summary) < 10] == []


def test_what_it_tells_of_an_event_comes_from_its_action():
    kind = catalogue.catalogue()["tenants.suspend"]
    assert kind.summary.startswith("Suspends an active tenant")
    assert (kind.entity, kind.notes, kind.needs_reason, kind.for_tenants) == (
        "tenant",
        ("previous_status",),
        True,
        True,
    )


def test_only_listed_events_are_for_tenants():
    heard = {kind.name for kind in catalogue.catalogue().values() if kind.for_tenants}
    assert "tenants.suspend" in heard
    assert not any(name.startswith(("operators.", "sessions.", "settings.", "jobs.")) for name in heard)


@pytest.mark.parametrize("name", sorted(catalogue.catalogue()))
def test_samples_fit_their_schemas(name):
    kind = catalogue.catalogue()[name]
    schema = catalogue.schema_of(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    for with_iris in (False, True):
        body = orjson.loads(messages.sample(kind, at=datetime.now(UTC), with_iris=with_iris))
        jsonschema.validate(body, schema, cls=jsonschema.Draft202012Validator)


def test_real_events_fit_their_schemas(committed_db, committed_raw, system, make_webhook):
    from tests.core.platform.webhooks.conftest import fan_out

    make_webhook("http://127.0.0.1:9/hook", events=["*"])
    tenant = tenants.create(system, name="Acme", domain="acme.example.com", tier="pro", region="EU", seats=5)
    tenants.update(system, tenant.id, version=1, region="US")
    tenants.suspend(system, tenant.id, reason="Unpaid")
    tenants.reactivate(system, tenant.id)
    fan_out()
    rows = committed_raw("SELECT event_type, body FROM webhook_delivery ORDER BY position")
    assert [row.event_type for row in rows[-4:]] == [
        f"tenants.{verb}" for verb in ("create", "update", "suspend", "reactivate")
    ]
    for row in rows:
        schema = catalogue.schema_of(catalogue.catalogue()[row.event_type])
        jsonschema.validate(orjson.loads(row.body), schema, cls=jsonschema.Draft202012Validator)


def test_published_catalogue_is_up_to_date():
    """`python -m core.platform.webhooks > docs/events.json` writes it; raise an event's version when its schema changes."""
    assert orjson.loads(PUBLISHED.read_bytes()) == orjson.loads(orjson.dumps(catalogue.published()))
