"""What a look at the rules comes to: which alerts begin, which begin again, and which are over. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.health.alerts.evaluation import Last, Verdict
from core.health.alerts.models import LIVE, AlertRule

REOPENS = timedelta(minutes=30)  # fired again so soon, it is the same alert
FLAP_WINDOW, FLAP_CHANGES = timedelta(hours=1), 6  # three times on and off within an hour
CALM = timedelta(minutes=15)  # a flapping alert is over when nothing fired for so long
JOINS = timedelta(minutes=10)  # alerts so young belong to the common cause that shows now
GROUP = "*"  # the subject of the alert that stands for many of its rule


@dataclass(frozen=True, slots=True)
class Held:
    """An alert that is live, or was dismissed while it fires, or ended a moment ago."""

    id: UUID
    rule_id: UUID
    dedup_key: str
    status: str
    is_flapping: bool
    is_group: bool
    parent_id: UUID | None
    opened_at: datetime
    resolved_at: datetime | None
    resolved_by_name: str | None
    last_seen_at: datetime
    cleared_at: datetime | None

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def subject(self) -> str:
        return self.dedup_key.partition("/")[2]

    @property
    def fires(self) -> bool:
        """Whether it fired at the last look, as far as that is known."""
        return self.is_live or (self.status == "dismissed" and self.cleared_at is None)


@dataclass(frozen=True, slots=True)
class Finding:
    """An alert to be opened. `key` is the subject as the measure names it, `subject` what people call it."""

    rule: AlertRule
    key: str
    value: float | None
    subject: str = ""
    summary: str = ""
    tenant_id: UUID | None = None
    labels: Mapping[str, Any] = field(default_factory=dict)
    link: str | None = None
    unit: str = ""

    @property
    def dedup_key(self) -> str:
        return dedup_key(self.rule.id, self.key)

    @property
    def group_key(self) -> str:
        return f"{self.rule.area}/{self.rule.key or self.rule.id}"


@dataclass(slots=True)
class Decisions:
    """By what is to be done; `seen` has the state of each alert that still counts."""

    opened: list[Finding] = field(default_factory=list)
    reopened: list[tuple[Held, Finding]] = field(default_factory=list)
    over: list[Held] = field(default_factory=list)
    seen: list[tuple[Held, Last]] = field(default_factory=list)


UNSEEN = Last(is_firing=True, is_known=False, value=None, volume=0.0)


def dedup_key(rule_id: UUID, subject: str) -> str:
    return f"{rule_id}/{subject}"


def newest(held: Iterable[Held]) -> dict[str, Held]:
    """The one alert of each key that counts: the live one, else the latest."""
    chosen: dict[str, Held] = {}
    for one in sorted(held, key=lambda one: (one.is_live, one.opened_at)):
        chosen[one.dedup_key] = one
    return chosen


def decide(rule: AlertRule, verdict: Verdict, held: Mapping[str, Held]) -> Decisions:
    """`held` are the rule's alerts by subject. What is unknown begins nothing and ends nothing."""
    decisions = Decisions()
    for subject in sorted({*verdict.last, *held} - {GROUP}):
        last, one = verdict.last.get(subject, UNSEEN), held.get(subject)
        if one is not None and one.fires:
            _of_firing(decisions, one, last)
        elif last.is_firing and last.is_known:
            _begin(decisions, Finding(rule, subject, last.value), one)
    return decisions


def _of_firing(decisions: Decisions, one: Held, last: Last) -> None:
    decisions.seen.append((one, last))
    if not last.is_firing:
        decisions.over.append(one)


def _begin(decisions: Decisions, finding: Finding, one: Held | None) -> None:
    if one is not None and one.status == "resolved":
        decisions.reopened.append((one, finding))
    else:
        decisions.opened.append(finding)


def is_storm(rule: AlertRule, beginning: int, live: int) -> bool:
    """Whether so many of one rule at once are to be told as one."""
    return beginning > 0 and beginning + live >= rule.storm_size > 1


def calmed(one: Held, now: datetime) -> bool:
    """Whether a flapping alert has been quiet for long enough to be over."""
    return not one.is_flapping or now - one.last_seen_at >= CALM
