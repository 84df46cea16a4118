"""What a ticket's event log says of its clocks: pure functions from terms and events to the course of each target.

First response runs from creation to the first public reply or the resolution; next response from the first message of the
customer after a reply to the next reply; resolution from creation to the resolution, and on when reopened. In the states of
`pauses_in` all of them rest. Calendar and targets count from the start: a change of priority keeps what has elapsed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from core.support.sla import worktime
from core.support.sla.models import LEVELS, TARGETS
from core.support.sla.periods import MICRO

OVER = ("resolved", "closed")
FIRST_LEVEL = LEVELS[0]


class Event(NamedTuple):
    """What the clock reads of the log: `created` (after: the priority), `status`, `priority`, `reply`, `customer`."""

    kind: str
    at: datetime
    before: str | None = None
    after: str | None = None


class Span(NamedTuple):
    """A stretch in which the clock ran or rested, and the event that began it; no end while it goes on."""

    start: datetime
    end: datetime | None
    is_running: bool
    cause: Event


@dataclass(slots=True)
class Course:
    """One target's latest cycle. `marks` says when each share of LEVELS was or, if nothing happens, will be used up.

    `state` is running, paused, met or missed; `worked_us` what has elapsed in the spans that have ended.
    """

    target: str
    calendar: Mapping[str, Any]
    target_s: int
    started_at: datetime
    stopped_at: datetime | None
    state: str
    spans: tuple[Span, ...]
    worked_us: int
    marks: dict[int, datetime] = field(default_factory=dict)

    @property
    def due_at(self) -> datetime | None:
        """When the target is used up if the clock goes on as it is; None when it never is."""
        return self.marks.get(100)

    def elapsed_s(self, now: datetime) -> float:
        """Working seconds until now."""
        last = self.spans[-1] if self.spans else None
        more = worktime.working_seconds(self.calendar, last.start, now) if last and self.state == "running" else 0.0
        return self.worked_us / MICRO + more

    def breached_at(self, now: datetime) -> datetime | None:
        """When it went past its target, if it has."""
        if self.state == "met" or self.due_at is None or self.due_at > now:
            return None
        return self.due_at

    def level(self, now: datetime) -> int:
        """The highest of LEVELS that is used up, or 0."""
        return max((level for level, at in self.marks.items() if at <= now), default=0)


@dataclass(slots=True)
class _Clock:
    """A clock while the log is read."""

    started: Event
    target_s: int
    spans: list[Span] = field(default_factory=list)
    running_since: Event | None = None
    resting_since: Event | None = None
    stopped: Event | None = None

    def go(self, event: Event, *, running: bool) -> None:
        """From this event on it runs or rests; an event that changes neither begins no new span."""
        if self.stopped is not None or (self.running_since if running else self.resting_since) is not None:
            return
        self._end(event.at)
        self.running_since, self.resting_since = (event, None) if running else (None, event)

    def stop(self, event: Event) -> None:
        if self.stopped is None:
            self._end(event.at)
            self.running_since = self.resting_since = None
            self.stopped = event

    def resume(self, event: Event, *, running: bool) -> None:
        """Goes on after it had stopped, with the pause between as a rest."""
        if self.stopped is not None:
            self.resting_since, self.stopped = self.stopped, None
        self.go(event, running=running)

    def _end(self, at: datetime) -> None:
        cause = self.running_since or self.resting_since
        if cause is not None and cause.at < at:
            self.spans.append(Span(cause.at, at, self.running_since is not None, cause))

    def all_spans(self) -> tuple[Span, ...]:
        cause = self.running_since or self.resting_since
        if cause is None:
            return tuple(self.spans)
        return (*self.spans, Span(cause.at, None, self.running_since is not None, cause))


class _Reading:
    """Follows the log, event by event."""

    def __init__(self, content: Mapping[str, Any], first: Event) -> None:
        self.pausing = frozenset(content["pauses_in"])
        self.targets = content["targets"]
        self.status, self.priority, self.is_answered = "open", first.after or "medium", False
        self.clocks: dict[str, _Clock] = {}
        for target in ("first_response", "resolution"):
            self._start(target, first)

    def take(self, event: Event) -> None:
        if event.kind == "status":
            self._status(event)
        elif event.kind == "priority":
            self.priority = event.after or self.priority
            for target, clock in self.clocks.items():
                if clock.stopped is None:
                    clock.target_s = self._target(target)
        elif event.kind == "reply":
            self.is_answered = True
            self._stop("first_response", event)
            self._stop("next_response", event)
        elif event.kind == "customer" and self.is_answered:
            asked = self.clocks.get("next_response")
            if asked is None or asked.stopped is not None:
                self._start("next_response", event)

    @property
    def runs(self) -> bool:
        return self.status not in self.pausing and self.status not in OVER

    def _target(self, target: str) -> int:
        return int((self.targets.get(self.priority) or {}).get(target) or 0)

    def _start(self, target: str, event: Event) -> None:
        clock = self.clocks[target] = _Clock(event, self._target(target))
        clock.go(event, running=self.runs)

    def _stop(self, target: str, event: Event) -> None:
        if target in self.clocks:
            self.clocks[target].stop(event)

    def _status(self, event: Event) -> None:
        was_over, self.status = self.status in OVER, event.after or self.status
        if self.status in OVER:
            for target in () if was_over else tuple(self.clocks):
                self._stop(target, event)
            self.is_answered = True
            return
        for target, clock in self.clocks.items():
            if target == "resolution" and clock.stopped is not None:
                clock.target_s = self._target(target)
                clock.resume(event, running=self.runs)
            else:
                clock.go(event, running=self.runs)


def courses(content: Mapping[str, Any], events: Sequence[Event]) -> dict[str, Course]:
    """The course of each target that the terms name for the ticket's priority. The first event is `created`."""
    if not events:
        return {}
    reading = _Reading(content, events[0])
    for event in _in_order(events[1:], {"status": reading.status, "priority": reading.priority}):
        reading.take(event)
    calendar = content["calendar"]
    clocks = ((target, reading.clocks[target]) for target in TARGETS if target in reading.clocks)
    return {target: _course(target, calendar, clock) for target, clock in clocks if clock.target_s > 0}


def _in_order(events: Sequence[Event], known: dict[str, str | None]) -> Iterator[Event]:
    """Events of one moment, where each tells what was before it, in the order in which they follow from each other."""
    if not any(one.at == two.at for one, two in pairwise(events)):
        yield from events
        return
    left = list(events)
    while left:
        together = [one for one in left if one.at == left[0].at]
        event = next((one for one in together if one.before is None or one.before == known.get(one.kind)), together[0])
        known[event.kind] = event.after
        left.remove(event)
        yield event


def _course(target: str, calendar: Mapping[str, Any], clock: _Clock) -> Course:
    worked, marks, spans = 0, {}, clock.all_spans()
    working = worktime.of(calendar)
    left = [(level, clock.target_s * MICRO * level // 100) for level in LEVELS]
    for span in spans:
        if not span.is_running:
            continue
        start = worktime.micros(span.start)
        more = None if span.end is None else working.between(start, worktime.micros(span.end))
        while left and (more is None or left[0][1] <= worked + more):
            level, amount = left.pop(0)
            at = working.after(start, amount - worked)
            if at is not None:
                marks[level] = worktime.moment(at)
        worked += more or 0
    state = _state(clock, worked)
    stopped_at = clock.stopped.at if clock.stopped else None
    return Course(target, calendar, clock.target_s, clock.started.at, stopped_at, state, spans, worked, marks)


def _state(clock: _Clock, worked: int) -> str:
    if clock.stopped is not None:
        return "met" if worked <= clock.target_s * MICRO else "missed"
    return "running" if clock.running_since is not None else "paused"


def sla_state(found: Mapping[str, Course], now: datetime) -> str:
    """The gravest of a ticket's clocks: breached, warned, ok, paused while any goes on; then missed or met; none without any."""
    going_on = [one for one in found.values() if one.state in ("running", "paused")]
    if any(one.breached_at(now) for one in going_on):
        return "breached"
    running = [one for one in going_on if one.state == "running"]
    if running:
        return "warned" if any(one.level(now) >= FIRST_LEVEL for one in running) else "ok"
    if going_on:
        return "paused"
    states = {one.state for one in found.values()}
    return "missed" if "missed" in states else "met" if states else "none"


def due_at(found: Mapping[str, Course]) -> datetime | None:
    """When the first of the running clocks ends."""
    return min((one.due_at for one in found.values() if one.state == "running" and one.due_at), default=None)
