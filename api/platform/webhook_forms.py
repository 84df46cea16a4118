"""What the API of webhooks takes and answers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from api.conventions import Instant, Out, Strict
from core.platform.webhooks import actions, rules
from core.platform.webhooks.catalogue import PING

State = Literal["active", "failing", "resting", "disabled"]
Signing = Literal["v1", "v1a"]
Name = Annotated[str, Field(min_length=1, max_length=rules.MAX_NAME, examples=["Billing of Acme"])]
Url = Annotated[str, Field(min_length=1, max_length=rules.MAX_URL, examples=["https://acme.example/hook"])]
Event = Annotated[str, Field(max_length=200, pattern=r"^(\*|[a-z_]+\.(\*|[a-z_]+))$")]
Events = Annotated[list[Event], Field(min_length=1, max_length=200, examples=[["tenants.*", "api_keys.revoke"]])]
Pause = Annotated[int, Field(strict=True, ge=0, le=86_400)]
Schedule = Annotated[list[Pause], Field(min_length=1, max_length=rules.MOST_ATTEMPTS, examples=[[0, 5, 300]])]
Timeout = Annotated[int, Field(strict=True, ge=1, le=60)]
AtOnce = Annotated[int, Field(strict=True, ge=1, le=100)]
Secret = Annotated[str, Field(max_length=200, pattern=r"^(whsec|whsk)_[A-Za-z0-9+/=]+$")]
Reason = Annotated[str, Field(min_length=1, max_length=500, examples=["The receiver moves house"])]
EventName = Annotated[str, Field(max_length=200, pattern=r"^[a-z_]+\.[a-z_]+$", examples=[PING])]


class SettingsOut(Out):
    """An endpoint. `tenant_id` is null for one of the platform, `retry_after_s` is null for the standard's schedule.

    `disabled_by` is null when the portal disabled it by itself. Times in UTC.
    """

    id: UUID
    tenant_id: UUID | None
    name: str
    url: str
    events: list[str]
    signing: Signing
    sends_iris_headers: bool
    is_ordered: bool
    retry_after_s: list[int] | None
    timeout_s: int
    max_concurrency: int
    created_at: datetime
    created_by: UUID | None
    enabled_at: datetime
    disabled_at: datetime | None
    disabled_by: UUID | None
    disabled_reason: str | None
    previous_expires_at: datetime | None
    version: int


class WebhookOut(SettingsOut):
    """An endpoint and how it does. `success_ratio` is that of 24 hours; null is unknown, before the first attempt."""

    tenant: str | None
    state: State
    success_ratio: float | None
    attempts: int | None
    successes: int | None
    last_attempt_at: datetime | None
    last_success_at: datetime | None
    last_status: int | None
    last_error: str | None
    failures: int | None
    failing_since: datetime | None
    open_until: datetime | None


class WebhookPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[WebhookOut]
    next: str | None


class SecretOut(SettingsOut):
    """The endpoint with its secret. `public_key` is what a receiver of v1a verifies with; null for v1."""

    secret: str
    public_key: str | None


class WebhookIn(Strict):
    name: Name
    url: Url
    events: Events
    tenant_id: UUID | None = None
    signing: Signing = "v1"
    secret: Secret | None = None
    sends_iris_headers: bool = False
    is_ordered: bool = False
    retry_after_s: Schedule | None = None
    timeout_s: Timeout = rules.TIMEOUT_S
    max_concurrency: AtOnce = rules.MAX_CONCURRENCY


class WebhookChange(Strict):
    """Only what is given is changed; `retry_after_s` null brings the standard's schedule back."""

    name: Name | None = None
    url: Url | None = None
    events: Events | None = None
    sends_iris_headers: bool | None = None
    is_ordered: bool | None = None
    retry_after_s: Schedule | None = None
    timeout_s: Timeout | None = None
    max_concurrency: AtOnce | None = None


class SecretRotation(Strict):
    """Empty: a new secret of the same kind is made."""

    signing: Signing | None = None
    secret: Secret | None = None


class WebhookDisabling(Strict):
    reason: Reason


class WebhookTest(Strict):
    """`body` replaces the sample of the event type."""

    event_type: EventName = PING
    body: dict[str, JsonValue] | None = None


class WebhookTestOut(Out):
    """One call. `status` is null without an answer, `error` is null after a 2xx; at most 1 kB of the answer's body."""

    at: datetime
    is_success: bool
    request_headers: dict[str, str]
    status: int | None
    response_headers: dict[str, str] | None
    response_body: str | None
    duration_ms: float
    error: str | None


class PreviewRow(Out):
    id: UUID
    created_at: datetime
    event_type: str
    message_id: str
    status: Literal["waiting", "delivered", "failed", "cancelled"]
    last_status: int | None
    last_error: str | None


class PreviewOut(Out):
    """`count` is what to send as `expected`; it stops at 10,001, which is more than one replay may send."""

    count: int
    first: list[PreviewRow]


class ReplayIn(Strict):
    """Deliveries created from `since` until `until` (excluded). `expected` is the preview's count."""

    since: Instant
    until: Instant
    only_failed: bool = True
    expected: Annotated[int, Field(strict=True, ge=1, le=actions.MOST_REPLAYED)]


class SentOut(Out):
    deliveries: int
