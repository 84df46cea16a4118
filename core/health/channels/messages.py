"""What a message says: what, since when, how bad, who is hit, and where to look. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from core.health.channels.figures import length, shown
from core.health.channels.sending import Message, Tone

MOST_LISTED = 20
_TONES: Mapping[str, Tone] = {"critical": "failure", "warning": "warning", "info": "info"}


def message(alerts: Sequence[Any], reason: str, *, id: UUID, now: datetime, public_url: str | None) -> Message:
    """The message about one alert, or about several of one group. `alerts` are rows of alerts.queries.to_tell."""
    subject = _subject(alerts, reason, now)
    body = _about(alerts[0], reason, now, public_url) if len(alerts) == 1 else _digest(alerts, now, public_url)
    incident = str(alerts[0].id) if len(alerts) == 1 else None
    return Message(subject, body, _tone(alerts, reason), str(id), incident)


def _tone(alerts: Sequence[Any], reason: str) -> Tone:
    if reason == "resolved":
        return "success"
    return next((tone for severity, tone in _TONES.items() if any(one.severity == severity for one in alerts)), "info")


def _subject(alerts: Sequence[Any], reason: str, now: datetime) -> str:
    first = alerts[0]
    what = named(first.rule, first.subject) if len(alerts) == 1 else f"{len(alerts)} alerts: {first.rule}"
    return f"[{_state(alerts, reason, now)}] {what}"


def named(rule: str, subject: str) -> str:
    """The alert by its rule and, where there is one, its subject."""
    return f"{rule}: {subject}" if subject else rule


def _state(alerts: Sequence[Any], reason: str, now: datetime) -> str:
    first = alerts[0]
    if reason == "resolved":
        return "Dismissed" if all(one.status == "dismissed" for one in alerts) else "Resolved"
    grave: str = next(name for name in (*_TONES, first.severity) if any(one.severity == name for one in alerts))
    if reason in ("escalated", "repeat"):
        return f"{grave.capitalize()}, not acknowledged for {length(now - min(one.opened_at for one in alerts))}"
    return grave.capitalize()


def _about(alert: Any, reason: str, now: datetime, public_url: str | None) -> str:
    lines = [alert.summary, "", f"Since: {_moment(alert.opened_at)}{_until(alert, now)}", f"How bad: {_badness(alert)}",
             f"Who is hit: {_who(alert)}"]  # fmt: skip
    if reason == "resolved":
        by = f" by {alert.resolved_by}" if alert.resolved_by else ", by itself"
        lines.append(f"{alert.status.capitalize()}{by}.")
    if alert.runbook_url:
        lines.append(f"Runbook: {alert.runbook_url}")
    return "\n".join([*lines, "", _link(public_url, f"/alerts?alert={alert.id}")])


def _digest(alerts: Sequence[Any], now: datetime, public_url: str | None) -> str:
    lines = [f"{one.severity.capitalize()}, since {_moment(one.opened_at)}: {one.summary} ({_who(one)})"
             for one in alerts[:MOST_LISTED]]  # fmt: skip
    if len(alerts) > MOST_LISTED:
        lines.append(f"and {len(alerts) - MOST_LISTED} more.")
    return "\n".join([*lines, "", _link(public_url, "/alerts")])


def _until(alert: Any, now: datetime) -> str:
    ended = alert.resolved_at
    return (
        f" until {_moment(ended)} ({length(ended - alert.opened_at)})"
        if ended
        else f" ({length(now - alert.opened_at)})"
    )


def _badness(alert: Any) -> str:
    told = alert.severity
    if alert.value_first is not None:
        told += f", {shown(alert.value_first, alert.unit)} when it opened"
    if alert.value_worst is not None and alert.value_worst != alert.value_first:
        told += f", {shown(alert.value_worst, alert.unit)} at its worst"
    if alert.bound is not None:
        told += f"; the bound is {shown(alert.bound, alert.unit)}"
    return f"{told}, {alert.occurrences} times" if alert.occurrences > 1 else told


def _who(alert: Any) -> str:
    whom = [alert.subject or "everything that the rule watches"]
    if alert.tenant and alert.tenant != alert.subject:
        whom.append(f"tenant {alert.tenant}")
    told = ", ".join(whom)
    return f"{told}, and {alert.children} more" if alert.children else told


def _link(public_url: str | None, path: str) -> str:
    return f"{public_url.rstrip('/')}{path}" if public_url else "Look in Quarterdeck, Health, Alerts."


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d %b %Y %H:%M} UTC"
