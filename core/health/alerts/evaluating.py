"""The look at all rules: reads each series once, decides, and acts. Bears being run twice, also at the same time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from core.health.alerts import acting
from core.health.alerts.conditions import lead
from core.health.alerts.evaluation import evaluate
from core.health.alerts.findings import REOPENS, Decisions, Held, decide, newest
from core.health.alerts.loading import Known, known, known_of, load, step_of, wanted_of
from core.health.alerts.models import LIVE, Alert, AlertRule, AlertRuleState, AlertState
from core.health.alerts.series import Series, floor_to
from core.health.alerts.statements import Wanted
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.kernel.logs import get_logger
from core.kernel.reads import Reading, read
from core.kernel.times import utc_now

TIMEOUT_MS = 20_000
log = get_logger()


@dataclass(frozen=True, slots=True)
class Looked:
    """What the look at one rule found, up to `known_until`; `decisions` is None where figures are late, or the look failed."""

    rule: AlertRule
    outcome: str
    told: str
    decisions: Decisions | None = None
    firing: int = 0
    known_until: datetime | None = None


def evaluate_all(now: datetime | None = None) -> list[Looked]:
    """Looks at every enabled rule of which more is known than before; opens and ends alerts by what is found.

    Raises Unavailable.
    """
    moment, system = now or utc_now(), Actor.system("alerts")
    with read(system, timeout_ms=TIMEOUT_MS) as rx:
        held = _held(rx, moment)
        looked = _look(rx, _enabled(rx), held, moment)
    acting.act(system, looked, held, moment)
    return looked


def _enabled(rx: Reading) -> list[tuple[AlertRule, AlertRuleState | None]]:
    """Each enabled rule, and what the last look at it found."""
    last = select(AlertRule, AlertRuleState).outerjoin(AlertRuleState, AlertRuleState.rule_id == AlertRule.id)
    rows = rx.rows(last.where(AlertRule.is_enabled, AlertRule.deleted_at.is_(None)).order_by(AlertRule.id))
    return [(rule, state) for rule, state in rows]


def _is_news(rule: AlertRule, state: AlertRuleState | None, until: datetime) -> bool:
    """Whether more is known than at the last look, or the rule is another since."""
    if state is None or state.known_until is None or state.outcome == "failed":
        return True
    return until > state.known_until or state.evaluated_at < rule.updated_at


def _held(rx: Reading, now: datetime) -> dict[UUID, dict[str, Held]]:
    """The alerts that matter, by rule and subject."""
    own = (
        Alert.id, Alert.rule_id, Alert.dedup_key, Alert.status, Alert.is_flapping, Alert.is_group, Alert.parent_id,
        Alert.opened_at, Alert.resolved_at, Alert.resolved_by_name, AlertState.last_seen_at, AlertState.cleared_at,
    )  # fmt: skip
    counts = or_(
        Alert.status.in_(LIVE),
        and_(Alert.status == "dismissed", AlertState.cleared_at.is_(None)),
        and_(Alert.status == "resolved", Alert.resolved_at > now - REOPENS),
    )
    rows = rx.rows(select(*own).join(AlertState, AlertState.alert_id == Alert.id).where(counts))
    by_rule: dict[UUID, dict[str, Held]] = {}
    for one in newest(Held(*row) for row in rows).values():
        by_rule.setdefault(one.rule_id, {})[one.subject] = one
    return by_rule


def _look(
    rx: Reading,
    rules: Sequence[tuple[AlertRule, AlertRuleState | None]],
    held: Mapping[UUID, dict[str, Held]],
    now: datetime,
) -> list[Looked]:
    asked: dict[UUID, Wanted] = {}
    looked: list[Looked] = []
    for rule, _ in rules:
        with _failing_alone(rule, looked):
            asked[rule.id] = _asked(rule, now)
    moments = known(rx, [wanted.measure for wanted in asked.values()], now)
    news: list[tuple[AlertRule, Wanted]] = []
    for rule, state in rules:
        if rule.id not in asked:
            continue
        moment = known_of(asked[rule.id], moments, now)
        if moment.told:
            looked.append(Looked(rule, "unknown", moment.told))
        elif _is_news(rule, state, _end(asked[rule.id], moment.until)):
            news.append((rule, asked[rule.id]))
    context = _Context(moments, _shared(wanted for _, wanted in news), {}, held, now)
    for rule, wanted in news:
        with _failing_alone(rule, looked), rx.session.begin_nested():
            looked.append(_at(rx, rule, wanted, context))
    return looked


def _end(wanted: Wanted, until: datetime) -> datetime:
    """The end of the last whole step that is known; of monitors, the moment itself."""
    return until if wanted.measure.source in {"monitor", "certificate"} else floor_to(until, wanted.step)


@contextmanager
def _failing_alone(rule: AlertRule, looked: list[Looked]) -> Iterator[None]:
    """A rule that cannot be judged is told as failed, and the others are judged all the same."""
    try:
        yield
    except ExpectedError:
        raise
    except Exception:
        log.exception("a rule could not be judged", rule=rule.name)
        looked.append(Looked(rule, "failed", "The rule could not be judged; the log has the trace."))


@dataclass(frozen=True, slots=True)
class _Context:
    """What the rules of one look share."""

    moments: dict[str, Known]
    shared: dict[Any, Wanted]
    read_already: dict[Any, Series]
    held: Mapping[UUID, dict[str, Held]]
    now: datetime


def _asked(rule: AlertRule, now: datetime) -> Wanted:
    """As much of the past as the rule needs to know its state now."""
    step = step_of(rule, lead(rule))
    length = lead(rule) + timedelta(seconds=rule.for_s + rule.clear_after_s) + 3 * step
    return wanted_of(rule, step=step, begin=now - length, end=now)


def _same(wanted: Wanted) -> tuple[Any, ...]:
    return (wanted.measure.name, wanted.per, wanted.filters, wanted.step)


def _shared(asked: Iterable[Wanted]) -> dict[Any, Wanted]:
    """One reading, from the earliest begin, for all that ask for the same."""
    shared: dict[Any, Wanted] = {}
    for wanted in asked:
        other = shared.get(_same(wanted))
        earlier = wanted if other is None or wanted.begin < other.begin else other
        shared[_same(wanted)] = earlier
    return shared


def _at(rx: Reading, rule: AlertRule, asked: Wanted, context: _Context) -> Looked:
    end = _end(asked, known_of(asked, context.moments, context.now).until)
    series = _series(rx, rule, asked, end, context)
    held = context.held.get(rule.id, {})
    by_hand = {subject: one.resolved_at for subject, one in held.items() if one.resolved_by_name and one.resolved_at}
    firing = {subject for subject, one in held.items() if one.fires}
    verdict = evaluate(rule, series, firing=firing, since=by_hand)
    decisions = decide(rule, verdict, held)
    count = sum(last.is_firing for last in verdict.last.values())
    if count:
        return Looked(rule, "firing", f"Fires for {count:,} of {len(verdict.last):,}.", decisions, count, end)
    is_known = any(last.is_known for last in verdict.last.values())
    told = f"{len(verdict.last):,} looked at." if is_known else "Nothing was measured, so nothing is known."
    return Looked(rule, "clear" if is_known else "unknown", told, decisions, known_until=end)


def _series(rx: Reading, rule: AlertRule, asked: Wanted, end: datetime, context: _Context) -> Series:
    """The rule's part of the shared reading, from its own begin up to what is known."""
    key = (*_same(asked), rule.kind == "absence")
    if key not in context.read_already:
        whole = context.shared[_same(asked)]
        bounded = replace(whole, end=max(end, whole.begin + whole.step))
        context.read_already[key] = load(rx, bounded, remembers=rule.kind == "absence")
    series = context.read_already[key]
    return series.after(max(round((asked.begin - series.begin) / series.step), 0))
