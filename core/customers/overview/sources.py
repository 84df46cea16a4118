"""Where it is looked for what is wrong with a tenant: selects of one shape, so that one statement asks them all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Text, case, cast, func, literal, null, select
from sqlalchemy.types import DateTime

from core.customers.infrastructure.models import ResidencyViolation
from core.customers.invoices.models import Invoice
from core.customers.quotas.models import QuotaLevel, QuotaUsage
from core.customers.quotas.resources import ALL as RESOURCES
from core.customers.subscriptions.models import Subscription
from core.health.alerts.models import LIVE, Alert
from core.health.errors.models import ERROR_ROLLUP, ErrorGroup
from core.health.monitors.models import Monitor, MonitorState, MonitorTenant
from core.health.monitors.queries.states import since_of, state_of
from core.kernel.reads import AnySelect
from core.platform.webhooks.models import Webhook, WebhookLane

Id = UUID | BindParameter[UUID]
MOST_EACH = 20
ERRORS_OVER = timedelta(hours=24)
NEAR_RATIO = 0.8


@dataclass(frozen=True, slots=True)
class Source:
    """`select_of` gives kind, id, severity, sentence, detail, since. `name` is what is unknown without `permission`."""

    name: str
    permission: str
    select_of: Callable[[Id], AnySelect]


def shaped(kind: Any, id_: Any, severity: Any, sentence: Any, detail: Any, since: Any) -> AnySelect:
    """The columns that every source has; words are literals or columns of text."""
    named = {"kind": kind, "id": id_, "severity": severity, "sentence": sentence, "detail": detail}
    columns = [cast(literal(one) if isinstance(one, str) else one, Text).label(name) for name, one in named.items()]
    return select(*columns, cast(since, DateTime(timezone=True)).label("since"))


def _alerts(tenant_id: Id) -> AnySelect:
    taken = func.coalesce(func.concat("Taken by ", Alert.acknowledged_by_name), "Nobody has taken it")
    detail = func.concat_ws(". ", func.nullif(Alert.subject, Alert.summary), taken)
    found = shaped("alert", Alert.id, Alert.severity, Alert.summary, detail, Alert.opened_at)
    own = Alert.tenant_id == tenant_id, Alert.status.in_(LIVE), Alert.parent_id.is_(None)
    return found.where(*own).order_by(Alert.opened_at.desc()).limit(MOST_EACH)


_SAYS = {
    "down": ("critical", " is down"),
    "degraded": ("warning", " is degraded"),
    "unknown": ("info", " is not known"),
}


def _monitors(tenant_id: Id) -> AnySelect:
    """Those that are not up; one that nobody checks now is told as not known."""
    state = state_of()
    known = select(Monitor.id, Monitor.name, Monitor.target, state.label("state"), since_of().label("since"))
    known = known.join(MonitorTenant, MonitorTenant.monitor_id == Monitor.id)
    known = known.join(MonitorState, MonitorState.monitor_id == Monitor.id)
    own = known.where(MonitorTenant.tenant_id == tenant_id).subquery("own_monitors").c
    severity = case({key: word for key, (word, _) in _SAYS.items()}, value=own.state)
    sentence = func.concat("Monitor ", own.name, case({key: says for key, (_, says) in _SAYS.items()}, value=own.state))
    found = shaped("monitor", own.id, severity, sentence, own.target, own.since)
    return found.where(own.state.in_(_SAYS)).order_by(own.since).limit(MOST_EACH)


def _errors(tenant_id: Id) -> AnySelect:
    """The groups with the most errors of 24 h, as rolled up some seconds ago."""
    hour = ERROR_ROLLUP.hour.__table__.c
    total = func.sum(hour.total).label("total")
    counted = select(hour.fingerprint, total).where(
        hour.bucket >= func.now() - ERRORS_OVER, hour.tenant_id == tenant_id
    )
    own = counted.group_by(hour.fingerprint).order_by(total.desc()).limit(5).subquery("own_errors").c
    times = func.concat(func.to_char(own.total, "FM999,999,999"), " × ", ErrorGroup.type, " in 24 h")
    where = func.concat(ErrorGroup.service, " ", ErrorGroup.route)
    found = shaped("error", own.fingerprint, "warning", times, where, ErrorGroup.first_seen_at)
    return found.join(ErrorGroup, ErrorGroup.fingerprint == own.fingerprint)


def _webhooks(tenant_id: Id) -> AnySelect:
    is_disabled = Webhook.disabled_at.is_not(None)
    sentence = func.concat("Webhook ", Webhook.name, case((is_disabled, " is disabled"), else_=" rests after failures"))
    detail = func.coalesce(case((is_disabled, Webhook.disabled_reason), else_=WebhookLane.last_error), Webhook.url)
    since = func.coalesce(Webhook.disabled_at, WebhookLane.failing_since)
    found = shaped("webhook", Webhook.id, "warning", sentence, detail, since)
    found = found.outerjoin(WebhookLane, WebhookLane.webhook_id == Webhook.id)
    in_trouble = is_disabled | (WebhookLane.open_until > func.now())
    return found.where(Webhook.tenant_id == tenant_id, in_trouble).order_by(since).limit(MOST_EACH)


def _unwatched(tenant_id: Id) -> AnySelect:
    """One row when no monitor is linked to the tenant."""
    linked = select(MonitorTenant.tenant_id).where(MonitorTenant.tenant_id == tenant_id).exists()
    told = "Monitors: none watches this tenant, so whether it can be reached is not known."
    return shaped("unknown", "", "info", told, "", null()).where(~linked).limit(1)


def _invoices(tenant_id: Id) -> AnySelect:
    """Open ones past their due date, by UTC days."""
    amount = func.concat(func.to_char(Invoice.total, "FM999,999,999,990.00"), " ", Invoice.currency)
    sentence = func.concat("Invoice ", Invoice.number, " over ", amount, " is overdue")
    due = func.concat("Due on ", func.to_char(Invoice.due_on, "DD Mon YYYY"))
    found = shaped("invoice", Invoice.id, "warning", sentence, due, _midnight(Invoice.due_on + 1))
    overdue = Invoice.status == "open", Invoice.due_on < func.date(func.timezone("UTC", func.now()))
    return found.where(Invoice.tenant_id == tenant_id, *overdue).order_by(Invoice.due_on).limit(MOST_EACH)


def _midnight(day: Any) -> Any:
    return func.timezone("UTC", cast(day, DateTime()))


def _subscription(tenant_id: Id) -> AnySelect:
    plan = func.concat("Plan ", Subscription.plan_key)
    found = shaped("subscription", Subscription.id, "warning", "Payment of the subscription is past due", plan, null())
    return found.where(Subscription.tenant_id == tenant_id, Subscription.status == "past_due").limit(1)


def _residency(tenant_id: Id) -> AnySelect:
    here = ResidencyViolation
    sentence = func.concat("Infrastructure in ", here.region_group, " for a tenant of ", here.tenant_region)
    found = shaped("residency", here.infrastructure_id, "critical", sentence, here.cause, here.opened_at)
    return found.where(here.tenant_id == tenant_id, here.settled_at.is_(None)).order_by(here.opened_at).limit(MOST_EACH)


_LABELS = {one.key: one.label for one in RESOURCES}


def _quotas(tenant_id: Id) -> AnySelect:
    """What is at 80 % or more; since when it was told so, if it was."""
    here, told = QuotaUsage, QuotaLevel
    ratio = func.concat(func.to_char(func.floor(here.ratio * 100), "FM999,999,990"), " %")
    is_over = here.ratio >= 1
    says = func.concat(case(_LABELS, value=here.resource), " at ", ratio, " of the quota")
    found = shaped("quota", here.resource, case((is_over, "critical"), else_="warning"), says, "", told.measured_at)
    same = (told.tenant_id == here.tenant_id) & (told.resource == here.resource) & (told.level > 0)
    return found.outerjoin(told, same).where(here.tenant_id == tenant_id, here.ratio >= NEAR_RATIO)


def _unmeasured(tenant_id: Id) -> AnySelect:
    """One row naming the resources with a limit of which nobody knows what is used."""
    here = QuotaUsage
    names = func.string_agg(case(_LABELS, value=here.resource), literal(", "))
    found = shaped("unknown", "", "info", func.concat("Quotas: not measured are ", names, "."), "", null())
    unmeasured = here.tenant_id == tenant_id, here.used.is_(None), here.limit_value.is_not(None)
    return found.where(*unmeasured).having(func.count() > 0)


def _never_measured(tenant_id: Id) -> AnySelect:
    """One row when the quotas were not looked at yet."""
    measured = select(QuotaUsage.tenant_id).where(QuotaUsage.tenant_id == tenant_id).exists()
    return shaped("unknown", "", "info", "Quotas: nothing was measured yet.", "", null()).where(~measured).limit(1)


SOURCES = (
    Source("Alerts", "alerts:read", _alerts),
    Source("Monitors", "monitors:read", _monitors),
    Source("Monitors", "monitors:read", _unwatched),
    Source("Errors", "errors:read", _errors),
    Source("Webhooks", "webhooks:read", _webhooks),
    Source("Invoices", "invoices:read", _invoices),
    Source("Payments", "subscriptions:read", _subscription),
    Source("Quotas", "quotas:read", _quotas),
    Source("Quotas", "quotas:read", _unmeasured),
    Source("Quotas", "quotas:read", _never_measured),
    Source("Residency", "infrastructure:read", _residency),
)
