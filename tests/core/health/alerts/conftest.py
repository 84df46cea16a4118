"""A world in which time is what the test says: figures by the minute, and looks at the rules."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from core.health.alerts import rule_actions
from core.health.alerts.evaluating import evaluate_all
from core.health.alerts.models import AlertRule
from core.kernel import writes
from core.kernel.actor import Actor
from core.kernel.times import utc_now

MINUTE = timedelta(minutes=1)


class World:
    """`begin` is a full minute; figures of servers are set by the minute after it, and looked at when a minute has passed."""

    def __init__(self, raw, monkeypatch) -> None:
        self.raw, self.monkeypatch = raw, monkeypatch
        self.begin = utc_now().replace(second=0, microsecond=0) - timedelta(hours=3)
        self.system = Actor.system("test")
        raw("UPDATE alert_rule SET is_enabled = false")

    def rule(self, **values) -> AlertRule:
        own = {"name": "CPU", "kind": "threshold", "measure": "server.cpu", "per": "server_id", "bound": 0.8,
               "for_s": 120, "clear_after_s": 60}  # fmt: skip
        return rule_actions.create(self.system, **(own | values))

    def server(self, name: str = "web-1") -> UUID:
        key = uuid4()
        self.raw(
            "INSERT INTO server (id, name, facts, is_demo, first_seen_at, last_seen_at)"
            " VALUES (:id, :name, '{}', false, now(), now())",
            id=key, name=name,
        )  # fmt: skip
        return key

    def cpu(self, server: UUID, values, *, first: int = 0) -> None:
        """One value a minute from the minute `first` on; None is a minute without a report."""
        rows = [(first + place, value) for place, value in enumerate(values) if value is not None]
        for minute, value in rows:
            self.raw(
                "INSERT INTO server_rollup_minute (bucket, server_id, total, cpu_ratio_sum, memory_ratio_sum, disk_ratio_sum,"
                " network_in_rate_sum, network_out_rate_sum, open_connections_sum, load_average_sum, disk_ratio_count,"
                " network_in_rate_count, network_out_rate_count, open_connections_count, load_average_count)"
                " VALUES (:at, :server, 6, :sum, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)",
                at=self.begin + minute * MINUTE, server=server, sum=round(value * 6, 6),
            )  # fmt: skip

    def requests(self, minute: int, *, total: int, errors: int = 0, service: str = "shop", tenant: UUID | None = None):
        """Requests of a minute, in the rollups."""
        at = self.begin + minute * MINUTE
        common = {"at": at, "service": service, "total": total, "errors": errors}
        for table, route in (("service_rollup_minute (", ""), ("route_rollup_minute (route, ", "'/', ")):
            self.raw(
                f"INSERT INTO {table}bucket, service, channel, status, total, errors, timed, duration_ms_sum, sketch_keys,"
                f" sketch_counts) VALUES ({route}:at, :service, 'product', 200, :total, :errors, 0, 0, '{{}}', '{{}}')",
                **common,
            )
        self.raw(
            "INSERT INTO tenant_rollup_minute (bucket, tenant_id, service, channel, status_class, total, errors, timed,"
            " duration_ms_sum, sketch_keys, sketch_counts)"
            " VALUES (:at, :tenant, :service, 'product', 2, :total, :errors, 0, 0, '{}', '{}')",
            **common, tenant=tenant,
        )  # fmt: skip

    def rounds(self, first: int, last: int) -> None:
        """The portal looked, from the minute `first` up to, not including, `last`."""
        self.raw(
            "INSERT INTO component_rollup_minute (bucket, component, status, total, latency_ms_count, latency_ms_sum)"
            " SELECT at, 'overall', 'healthy', 2, 0, 0 FROM generate_series(CAST(:first AS timestamptz),"
            " CAST(:last AS timestamptz), interval '1 minute') AS at",
            first=self.begin + first * MINUTE, last=self.begin + (last - 1) * MINUTE,
        )  # fmt: skip

    def rolled(self, minute: float) -> None:
        """The rollups have come so far."""
        self.raw(
            "INSERT INTO rollup_watermark (rollup, moved_at) SELECT name, :at FROM unnest(ARRAY['server_rollup',"
            " 'service_rollup', 'route_rollup', 'tenant_rollup', 'request_rollup', 'component_rollup']) AS name"
            " ON CONFLICT (rollup) DO UPDATE SET moved_at = :at",
            at=self.begin + minute * MINUTE,
        )

    def look(self, minute: float, *, rolled: float | None = None):
        """Looks at all rules `minute` minutes after the begin, when the figures of all minutes before are known."""
        now = self.begin + minute * MINUTE + timedelta(seconds=15)
        self.rolled(minute + 0.25 if rolled is None else rolled)
        self.monkeypatch.setattr(writes, "utc_now", lambda: now)
        return evaluate_all(now)

    def alerts(self, columns: str = "status, subject") -> list:
        return [tuple(row) for row in self.raw(f"SELECT {columns} FROM alert ORDER BY opened_at, subject")]

    def events(self) -> list[str]:
        found = self.raw("SELECT type FROM event WHERE type LIKE 'alerts.%' ORDER BY occurred_at, id")
        return [row.type.removeprefix("alerts.") for row in found]


@pytest.fixture
def world(db, raw, monkeypatch) -> World:
    """Without the rules that come with the portal."""
    return World(raw, monkeypatch)


@pytest.fixture
def opened(world) -> Callable[..., list[UUID]]:
    """Alerts of one rule, opened by a look: one per name."""

    def make(*names: str, **values) -> list[UUID]:
        world.rule(**values)
        for name in names:
            world.cpu(world.server(name), [0.9] * 3)
        world.look(3)
        rows = world.raw("SELECT id, subject FROM alert WHERE NOT is_group")
        by_name = {row.subject: row.id for row in rows}
        return [by_name[name] for name in names]

    return make
