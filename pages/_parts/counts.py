"""The counts of the home page. A slice that has something to look at adds its line here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from core.customers.configuration import queries as configuration
from core.customers.contracts import pipeline as contracts
from core.customers.infrastructure import queries as infrastructure
from core.customers.quotas import queries as quotas
from core.customers.tenants import queries as tenants
from core.health.alerts import queries as alerts
from core.health.components import queries as components
from core.health.errors import queries as errors
from core.health.monitors import queries as monitors
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.platform.flags import queries as flags
from core.platform.keys import queries as api_keys
from core.platform.queue import queries as jobs
from core.platform.webhooks import queries as webhooks
from core.reliability.communication import queries as incident_messages
from core.reliability.incidents import queries as incidents
from core.reliability.on_call import page_queries as pages
from core.reliability.sla import credit_queries
from core.reliability.sla import violations as sla_violations
from core.support.breaches import queries as breaches


@dataclass(frozen=True, slots=True)
class Count:
    """`read` gives the number, or None when it is unknown. `file` and `query` are where the counted things are shown."""

    label: str
    help: str
    icon: str
    permission: str
    read: Callable[[Actor], int | None]
    file: str
    link: str
    query: dict[str, str] = field(default_factory=dict)


def _suspended(actor: Actor) -> int:
    return tenants.count(actor, tenants.Filters(statuses=("suspended",)))


def _trials(actor: Actor) -> int:
    return tenants.count(actor, tenants.Filters(statuses=("trial",)))


def _unhealthy(actor: Actor) -> int | None:
    """Components that are degraded or down; None when nothing is known of any."""
    health = components.current(actor)
    return None if health.status == "unknown" else len(health.of("degraded")) + len(health.of("down"))


def _alerts(actor: Actor) -> int:
    return alerts.counts(actor).open


def _monitors_down(actor: Actor) -> int | None:
    """None while nothing is known of any."""
    counts = monitors.counts(actor)
    is_blind = counts["unknown"] and not any(counts[state] for state in ("up", "degraded", "down"))
    return None if is_blind else counts["down"]


def _errors(actor: Actor) -> int:
    return errors.count(actor, since=utc_now() - timedelta(days=1))


def _failed_jobs(actor: Actor) -> int:
    return jobs.failed_count(actor)


def _webhooks(actor: Actor) -> int:
    return webhooks.in_trouble(actor)


def _flagged_keys(actor: Actor) -> int:
    return api_keys.count(actor, api_keys.Filters(flags=tuple(api_keys.FLAGGED)))


def _flag_changes(actor: Actor) -> int:
    return flags.waiting(actor)


def _setting_requests(actor: Actor) -> int:
    return configuration.waiting(actor)


def _residency(actor: Actor) -> int:
    return infrastructure.open_violations(actor)


def _urgent_renewals(actor: Actor) -> int:
    return contracts.near(actor).urgent


def _overdue_tickets(actor: Actor) -> int:
    return breaches.counts(actor)["overdue"]


def _incidents(actor: Actor) -> int:
    return incidents.count_up_to(actor, incidents.Filters(is_live=True))


def _late_updates(actor: Actor) -> int:
    return incident_messages.overdue(actor)


def _messages_to_approve(actor: Actor) -> int:
    return incident_messages.waiting(actor)


def _sla_violations(actor: Actor) -> int:
    return sla_violations.counts(actor)["open"]


def _larger_plans(actor: Actor) -> int:
    return quotas.waiting(actor)


def _stale_flags(actor: Actor) -> int:
    return len(flags.stale(actor))


COUNTS = [
    Count(
        "Incidents", "They run now.", ":material/emergency_home:", "incidents:read", _incidents, "reliability/incidents.py",
        "Open live incidents", {"show": "Live"},
    ),
    Count(
        "Late incident updates", "A word was promised to customers, and the time is over.", ":material/campaign:",
        "incidents:update", _late_updates, "reliability/incidents.py", "Open live incidents", {"show": "Live"},
    ),
    Count(
        "Messages to approve", "What is told of a SEV1 waits for a second person.", ":material/how_to_reg:",
        "incidents:approve", _messages_to_approve, "reliability/incidents.py", "Open live incidents", {"show": "Live"},
    ),
    Count(
        "Pages unanswered", "People were called for an incident, and nobody has acknowledged.", ":material/phone_in_talk:",
        "on_call:read", pages.open_count, "reliability/on_call.py", "Open these pages",
    ),
    Count(
        "Alerts open", "They fire, and nobody has taken them.", ":material/notifications:", "alerts:read",
        _alerts, "health/alerts.py", "Open alerts",
    ),
    Count(
        "Monitors down", "What is watched from outside and does not answer as it should.", ":material/network_check:",
        "monitors:read", _monitors_down, "health/monitors.py", "Open these monitors", {"state": "Down"},
    ),
    Count(
        "Components in trouble", "Degraded or down now.", ":material/monitor_heart:", "health:read",
        _unhealthy, "health/overview.py", "Open health",
    ),
    Count(
        "Failed jobs", "Not done, and waiting for somebody to look.", ":material/schedule:", "jobs:read",
        _failed_jobs, "platform/jobs.py", "Open failed jobs", {"view": "Failed"},
    ),
    Count(
        "Webhooks in trouble", "Disabled by the portal, or resting after failures.", ":material/webhook:", "webhooks:read",
        _webhooks, "platform/webhooks.py", "Open these webhooks", {"show": "trouble"},
    ),
    Count(
        "Keys to look at", "API keys that nobody uses, that never expire, or that expire soon.", ":material/key:",
        "api_keys:read", _flagged_keys, "platform/keys.py", "Open flagged keys", {"flag": "Any flag"},
    ),
    Count(
        "Flag changes to review", "Proposed changes of protected flags that wait for a second person.",
        ":material/rate_review:", "flags:review", _flag_changes, "platform/flags.py", "Open reviews", {"view": "Review"},
    ),
    Count(
        "Settings to approve", "Requests to change a tenant's settings that wait for a second person.", ":material/tune:",
        "configuration:approve", _setting_requests, "customers/configuration.py", "Open requests", {"view": "Requests"},
    ),
    Count(
        "Larger plans to decide", "Tenants whose quota is used up, and who need a larger plan.", ":material/upgrade:",
        "quotas:approve", _larger_plans, "customers/quotas.py", "Open requests", {"view": "Larger plans"},
    ),
    Count(
        "Renewals under 30 days", "Contracts that run and are to be renewed soon, or should have been.",
        ":material/event_upcoming:", "contracts:read", _urgent_renewals, "customers/contracts.py", "Open renewals",
        {"view": "Renewals", "span": "30 days"},
    ),
    Count(
        "Credits to approve", "Drafts for months that fell short of a contract, which wait for a second person.",
        ":material/redeem:", "sla_credits:approve", credit_queries.waiting, "reliability/credits.py", "Open drafts",
        {"status": "Draft"},
    ),
    Count(
        "Tickets overdue", "A target of theirs is past, and the clock still runs.", ":material/timer_off:", "tickets:read",
        _overdue_tickets, "support/escalations.py", "Open escalations",
    ),
    Count(
        "SLA violations", "Something falls short of a contract now.", ":material/crisis_alert:", "sla:read",
        _sla_violations, "reliability/violations.py", "Open these violations", {"state": "Lasts"},
    ),
    Count(
        "Stale flags", "Expired, fully rolled out, off or never asked for, since long.", ":material/flag:", "flags:read",
        _stale_flags, "platform/flags.py", "Open stale flags", {"view": "Stale"},
    ),
    Count(
        "Errors of 24 h", "Pages and calls that raised what nobody expected.", ":material/bug_report:", "errors:read",
        _errors, "health/errors.py", "Open errors",
    ),
    Count(
        "Residency violations", "Infrastructure of a tenant that lies outside of the tenant's region.", ":material/gpp_bad:",
        "infrastructure:read", _residency, "customers/infrastructure.py", "Open violations", {"view": "Violations"},
    ),
    Count(
        "Tenants suspended", "They cannot work until somebody reactivates them.", ":material/pause_circle:", "tenants:read",
        _suspended, "customers/tenants.py", "Open suspended tenants", {"status": "Suspended"},
    ),
    Count(
        "Tenants on trial", "Trials that end without a plan are lost.", ":material/hourglass_top:", "tenants:read",
        _trials, "customers/tenants.py", "Open trials", {"status": "Trial"},
    ),
]  # fmt: skip
