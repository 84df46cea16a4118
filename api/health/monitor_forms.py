"""What the API of monitors and maintenance windows takes and answers."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from api.conventions import Instant, Out, Strict
from core.health.maintenance import rules as maintenance
from core.health.monitors import rules

Kind = Literal["http", "tcp", "dns", "tls", "push"]
State = Literal["up", "degraded", "down", "paused", "unknown"]
Covers = Literal["all", "tags", "monitors"]
Policy = Literal["excluded", "counted"]
Name = Annotated[str, Field(min_length=1, max_length=rules.MAX_NAME, examples=["Public website"])]
Description = Annotated[str, Field(max_length=rules.MAX_DESCRIPTION)]
Interval = Annotated[int, Field(strict=True, ge=rules.SHORTEST_INTERVAL_S, le=rules.LONGEST_INTERVAL_S)]
Timeout = Annotated[int, Field(strict=True, ge=1, le=60)]
Retries = Annotated[int, Field(strict=True, ge=0, le=10)]
RetryInterval = Annotated[int, Field(strict=True, ge=5, le=3_600)]
Tag = Annotated[str, Field(min_length=1, max_length=rules.MAX_TAG, pattern=r"^[a-z0-9][a-z0-9._:/-]*$")]
Tags = Annotated[list[Tag], Field(max_length=rules.MOST_TAGS, examples=[["team:billing"]])]
Tenants = Annotated[list[UUID], Field(max_length=100)]
Settings = Annotated[
    dict[str, JsonValue],
    Field(
        max_length=20,
        description="What the kind needs. http: url, method, statuses, contains, not_contains, slow_ms, follows_redirects, "
        "verifies_certificate, expires_days. tcp: host, port, slow_ms. dns: name, record_type, expects, server, port, slow_ms. "
        "tls: host, port, server_name, expires_days, slow_ms. push: grace_s.",
        examples=[{"url": "https://example.com/health", "contains": "ok", "slow_ms": 800}],
    ),
]
Reason = Annotated[str, Field(min_length=1, max_length=500, examples=["The service was shut down"])]


class MonitorSettingsOut(Out):
    """A monitor as it is set. Times in UTC."""

    id: UUID
    name: str
    kind: Kind
    target: str
    settings: dict[str, Any]
    description: str
    interval_s: int
    timeout_s: int
    retries: int
    retry_interval_s: int
    tags: list[str]
    owner_id: UUID | None
    is_paused: bool
    allows_private: bool
    token_rotated_at: datetime | None
    previous_expires_at: datetime | None
    created_at: datetime
    created_by: UUID | None
    updated_at: datetime
    version: int


class MonitorOut(MonitorSettingsOut):
    """A monitor and how it does. Ratios are null when unknown; every availability has its share of unobserved time.

    `hours` and `latencies` are the last 24 hours, the present one last: worst state, and mean latency in ms.
    """

    owner: str | None
    tenants: list[str]
    tenant_ids: list[UUID]
    state: State
    since: datetime
    checked_at: datetime | None
    next_at: datetime | None
    latency_ms: float | None
    detail: str
    failures: int
    certificate_expires_at: datetime | None
    in_maintenance: bool
    pushed_at: datetime | None
    availability_24h: float | None
    unobserved_24h: float | None
    availability_30d: float | None
    unobserved_30d: float | None
    latencies: list[float | None]
    hours: list[State]


class MonitorPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[MonitorOut]
    next: str | None


class MonitorMadeOut(MonitorSettingsOut):
    """`token` and `push_path` are of a push monitor, and shown this once."""

    token: str | None
    push_path: str | None


class MonitorIn(Strict):
    name: Name
    kind: Kind
    settings: Settings
    description: Description = ""
    interval_s: Interval = 60
    timeout_s: Timeout = 10
    retries: Retries = 1
    retry_interval_s: RetryInterval = 20
    tags: Tags = Field(default_factory=list)
    owner_id: UUID | None = None
    allows_private: bool = False
    tenant_ids: Tenants = Field(default_factory=list)


class MonitorChange(Strict):
    """Only what is given is changed; `settings` are replaced as a whole; `owner_id` null takes the owner away."""

    name: Name | None = None
    settings: Settings | None = None
    description: Description | None = None
    interval_s: Interval | None = None
    timeout_s: Timeout | None = None
    retries: Retries | None = None
    retry_interval_s: RetryInterval | None = None
    tags: Tags | None = None
    owner_id: UUID | None = None
    allows_private: bool | None = None
    tenant_ids: Tenants | None = None


class MonitorPausing(Strict):
    reason: Annotated[str, Field(max_length=500)] = ""


class AvailabilityOut(Out):
    """Seconds by state of the checks that count, and what was planned. `available_ratio` is null without observation."""

    since: datetime
    until: datetime
    available_ratio: float | None
    observed_ratio: float | None
    unobserved_ratio: float | None
    up_s: float
    degraded_s: float
    down_s: float
    excluded_s: float
    planned_s: float


class StateSpanOut(Out):
    """`until` is null for the state that lasts."""

    since: datetime
    until: datetime | None
    state: State
    cause: str


class StateSpanPage(Out):
    """All of them, oldest first: `next` is always null."""

    items: list[StateSpanOut]
    next: str | None


class CourseOut(Out):
    """A minute, hour or day, as the window's length goes; latencies in ms, null without an answer."""

    bucket: datetime
    checks: int
    p50: float | None
    p95: float | None
    p99: float | None
    mean_ms: float | None
    max_ms: float | None
    up_s: float
    degraded_s: float
    down_s: float
    excluded_s: float


class CoursePage(Out):
    """All of them, oldest first: `next` is always null."""

    items: list[CourseOut]
    next: str | None


class CheckOut(Out):
    """One check; `seconds` is the time it stands for."""

    id: UUID
    at: datetime
    state: Literal["up", "degraded", "down"]
    latency_ms: float | None
    detail: str
    seconds: float
    is_counted: bool


class CheckPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[CheckOut]
    next: str | None


class CheckerOut(Out):
    """`problem` says why nothing is known; `lag_ms` is the 99th percentile of the last minute."""

    is_running: bool
    seen_at: datetime | None
    host: str | None
    lag_ms: float | None
    monitors: int
    problem: str | None
    since: datetime | None


Title = Annotated[str, Field(min_length=1, max_length=maintenance.MAX_TITLE, examples=["Database upgrade"])]
Duration = Annotated[int, Field(strict=True, ge=60, le=maintenance.LONGEST_S)]
RuleText = Annotated[str, Field(max_length=maintenance.MAX_RULE, examples=["FREQ=WEEKLY;BYDAY=SU"])]
Zone = Annotated[str, Field(max_length=100, examples=["Europe/Berlin"])]
WindowTags = Annotated[list[Annotated[str, Field(max_length=rules.MAX_TAG)]], Field(max_length=maintenance.MOST_TAGS)]
WindowMonitors = Annotated[list[UUID], Field(max_length=maintenance.MOST_MONITORS)]
Why = Annotated[str, Field(max_length=maintenance.MAX_REASON)]


class WindowSettingsOut(Out):
    """A maintenance window. `rule` is null for one that occurs once, `over_at` for one without end. Times in UTC."""

    id: UUID
    title: str
    reason: str
    starts_at: datetime
    duration_s: int
    rule: str | None
    zone: str
    over_at: datetime | None
    covers: Covers
    tags: list[str]
    monitor_ids: list[UUID]
    policy: Policy
    created_at: datetime
    created_by: UUID | None
    cancelled_at: datetime | None
    cancelled_by: UUID | None
    cancelled_reason: str | None
    version: int


class WindowOut(WindowSettingsOut):
    """`next_at` and `next_until` are of the occurrence that runs or comes next; null without one."""

    next_at: datetime | None
    next_until: datetime | None
    is_running: bool


class WindowPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[WindowOut]
    next: str | None


class WindowIn(Strict):
    """`rule` after RFC 5545: daily, weekly, monthly or yearly, in the local time of `zone`."""

    title: Title
    starts_at: Instant
    duration_s: Duration
    rule: RuleText | None = None
    zone: Zone = "UTC"
    covers: Covers = "all"
    tags: WindowTags = Field(default_factory=list)
    monitor_ids: WindowMonitors = Field(default_factory=list)
    policy: Policy = "excluded"
    reason: Why = ""


class WindowChange(Strict):
    """Only what is given is changed; `rule` null makes it occur once."""

    title: Title | None = None
    starts_at: Instant | None = None
    duration_s: Duration | None = None
    rule: RuleText | None = None
    zone: Zone | None = None
    covers: Covers | None = None
    tags: WindowTags | None = None
    monitor_ids: WindowMonitors | None = None
    policy: Policy | None = None
    reason: Why | None = None


class WindowCancelling(Strict):
    reason: Reason


class HeartbeatOut(Out):
    ok: bool
