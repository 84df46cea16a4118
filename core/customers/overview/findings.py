"""One thing that is wrong with a tenant, and what is not known of it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Literal

Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
TRIAL_SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind` is what it is about (alert, monitor, error ...), `id` which one; `since` is in UTC, None when nobody knows."""

    kind: str
    severity: Severity
    sentence: str
    id: str = ""
    detail: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """What is wrong, the worst first, and what could not be looked at, as sentences."""

    findings: list[Finding] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def ordered(findings: list[Finding]) -> list[Finding]:
    """The worst first, of these the longest lasting."""
    last = datetime.max.replace(tzinfo=UTC)
    return sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), one.since or last))


def of_tenant(tenant: Mapping[str, Any], *, now: datetime) -> Iterator[Finding]:
    """What its own row says: suspended, about to be purged, a trial that ends."""
    if tenant["status"] == "suspended":
        reason = tenant["suspension_reason"] or ""
        yield Finding("suspended", "critical", "Suspended", detail=reason, since=tenant["suspended_at"])
    if tenant["status"] == "deleted":
        yield _deleted(tenant, now)
    if tenant["status"] == "trial":
        yield from _trial(tenant.get("trial_ends_on"), now.date())


def _deleted(tenant: Mapping[str, Any], now: datetime) -> Finding:
    until = tenant.get("purge_after")
    left = f"Purged on {until:%d %b %Y}, {_days((until.date() - now.date()).days)}" if until else "Not in use"
    reason = tenant.get("deletion_reason") or ""
    return Finding("deleted", "critical", f"Deleted. {left}", detail=reason, since=tenant.get("deleted_at"))


def _days(count: int) -> str:
    if count <= 0:
        return "which is due now"
    return f"in {count} day{'' if count == 1 else 's'}"


def _trial(ends_on: date | None, today: date) -> Iterator[Finding]:
    if ends_on is None:
        yield Finding("trial", "info", "On trial without an end", detail="Nobody said when the trial ends.")
    elif ends_on < today:
        ended = datetime.combine(ends_on, time(), UTC)
        yield Finding("trial", "warning", f"The trial ended on {ends_on:%d %b %Y}", since=ended)
    elif (ends_on - today).days <= TRIAL_SOON_DAYS:
        left = "today" if ends_on == today else _days((ends_on - today).days)
        yield Finding("trial", "warning", f"The trial ends {left}", detail=f"On {ends_on:%d %b %Y}.")
