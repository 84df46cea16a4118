"""Every operation of the OpenAPI document, called with what its schema allows and with what it does not."""

from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis.config import SchemathesisConfig
from sqlalchemy import insert
from starlette.applications import Starlette
from starlette.middleware import Middleware

from api import mount
from api.recording import Recorded
from core.customers.tenants.models import Tenant
from core.customers.users.models import TenantUser
from core.health.servers.models import Server, ServerMetric
from core.kernel import db as database
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.tasks import enqueue_on
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.platform.flags.actions import flags
from core.platform.keys import actions as keys
from core.platform.queue.models import JobRun
from core.platform.webhooks import signatures
from core.platform.webhooks.models import Webhook, WebhookDelivery

EXAMPLES = 3
SYSTEM = Actor.system("test")
TENANTS = tuple(uuid7() for _ in range(3))
KNOWN = {name: uuid7() for name in ("user_id", "server_id", "webhook_id", "delivery_id")}

config = SchemathesisConfig.from_dict({
    "generation": {"database": "none", "deterministic": True, "allow-x00": True, "max-examples": EXAMPLES,
                   "with-security-parameters": False},
    # Rules that JSON Schema cannot say (a cursor of ours, a domain that is free, a present version) refuse with these.
    # A body beyond what is read at all is refused before anybody looks into it: 413.
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", 403, 404, 409, 412, 422, 428, 429]},
        "negative_data_rejection": {
            "expected-statuses": [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, "5xx"]
        },
    },
    "phases": {"coverage": {"unexpected-methods": ["trace", "put"]}},
})  # fmt: skip
app = Starlette(routes=[mount], middleware=[Middleware(Recorded)])
schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, config=config)


@schema.hook
def map_path_parameters(context, path_parameters):
    """Most ids that are well formed become those of rows that exist: a 404 proves little."""
    return {name: _existing(name, value) for name, value in (path_parameters or {}).items()}


@schema.hook
def map_headers(context, headers):
    """A made-up version is stale nearly always; two of three calls bring one that may fit."""
    given = {name: value for name, value in (headers or {}).items() if name != "If-Match"}
    tag = (headers or {}).get("If-Match")
    if tag is None:
        return given or headers
    return given | {"If-Match": (tag, "*", '"1"')[len(str(tag)) % 3]}


def _existing(name, value):
    try:
        number = UUID(str(value)).int
    except ValueError:
        return KNOWN.get(name, value) if isinstance(value, int) else value
    if number % 4 == 3:
        return value
    return str(TENANTS[number % 4] if name == "tenant_id" else KNOWN.get(name, value))


def _customers() -> None:
    with write(SYSTEM, "demo.seed") as tx:
        for key, status in zip(TENANTS, ("active", "suspended", "deleted"), strict=True):
            about = {
                "tier": "pro",
                "region": "EU",
                "seats": 5,
                "suspended_at": utc_now() if status == "suspended" else None,
            }
            tx.add(Tenant(id=key, name=f"Übergröße {status}", domain=f"{key}.example", status=status, **about))
        tx.session.flush()
        known = {"tenant_id": TENANTS[0], "email": "ann@acme.example", "name": "Ann"}
        tx.add(TenantUser(id=KNOWN["user_id"], **known))


def _observations() -> None:
    now = utc_now()
    figures = {
        "cpu_ratio": 0.5, "core_ratios": [0.5], "memory_total_bytes": 8, "memory_used_bytes": 4, "memory_ratio": 0.5,
        "swap_used_bytes": 0, "disks": [{"mount": "/", "total_bytes": 9, "used_bytes": 3, "used_ratio": 0.33}],
    }  # fmt: skip
    run = {"task": "queue.clean_up", "job_id": 1, "attempt": 1, "started_at": now, "finished_at": now,
           "outcome": "succeeded", "request_id": "r"}  # fmt: skip
    with record(SYSTEM) as tx:
        seen = {"first_seen_at": now, "last_seen_at": now}
        tx.execute(insert(Server).values(id=KNOWN["server_id"], name="web-1", facts={"system": "Linux"}, **seen))
        tx.execute(insert(ServerMetric).values(measured_at=now, server_id=KNOWN["server_id"], **figures))
        tx.execute(insert(JobRun).values(id=uuid7(), **run))
        connection = database.driver(tx.session)
        KNOWN["job_id"] = enqueue_on(connection, "queue.clean_up", request_id="r", arguments={})


def _platform() -> None:
    KNOWN["flag_id"] = flags.create(SYSTEM, key="new-grid", name="New grid").id
    KNOWN["key_id"] = keys.create(SYSTEM, tenant_id=None, name="Sync", scopes=["tenants:read"]).row.id
    about = {
        "name": "Hook",
        "url": "https://hooks.example/1",
        "events": ["tenants.*"],
        "secret": signatures.new_secret("v1"),
    }
    with write(SYSTEM, "demo.seed") as tx:
        tx.add(Webhook(id=KNOWN["webhook_id"], **about))
    event = {"event_id": uuid7(), "event_type": "tenants.create", "body": "{}", "next_attempt_at": utc_now()}
    waiting = {"id": KNOWN["delivery_id"], "webhook_id": KNOWN["webhook_id"], "created_at": utc_now()}
    with record(SYSTEM) as tx:
        tx.execute(insert(WebhookDelivery).values(**waiting, **event))


@pytest.fixture
def session(signed_in, raw) -> str:
    """The cookie of a super admin in a portal that holds some of everything."""
    _customers()
    _observations()
    _platform()
    cookie = str(signed_in("super_admin").cookies["quarterdeck_session"])
    KNOWN["operator_id"] = raw("SELECT id FROM operator LIMIT 1")[0].id
    KNOWN["entry_id"] = raw("SELECT id FROM audit_entry LIMIT 1")[0].id
    return cookie


@schema.parametrize()
@seed(20261121)
@settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None,
    suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
)  # fmt: skip
def test_any_call_is_answered_as_documented(case, session):
    answer = case.call(cookies={"quarterdeck_session": session})
    case.validate_response(answer)
    assert answer.status_code < 500
