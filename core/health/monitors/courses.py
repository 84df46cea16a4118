"""From looks to states: a failure counts when its retries failed, too. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from core.health.monitors.probes.finding import Finding


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a monitor, and the seconds it stands for."""

    at: datetime
    finding: Finding
    seconds: float


@dataclass(frozen=True, slots=True)
class Change:
    """That the state is another one since `at`."""

    at: datetime
    state: str
    previous: str
    cause: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Looks whose worth is settled now, the change that follows, and whether to look again soon."""

    settled: list[Look] = field(default_factory=list)
    change: Change | None = None
    is_retry: bool = False


@dataclass(slots=True)
class Course:
    """One monitor's state as the checker has it. `held`: failed looks whose retries are not done.

    What is held when the checker dies was not observed: nothing false is ever stored.
    """

    state: str = "unknown"
    failures: int = 0
    held: list[Look] = field(default_factory=list)

    def take(self, look: Look, *, retries: int) -> Verdict:
        """Judges a look and moves on. A failure that passed at a retry counts as degraded, for that is what it was."""
        if look.finding.state != "down":
            return self._well(look)
        self.failures += 1
        if self.state == "down":
            return Verdict([look])
        if self.failures <= retries:
            self.held.append(look)
            return Verdict(is_retry=True)
        settled, self.held = [*self.held, look], []
        return Verdict(settled, self._turn("down", settled[0].at, look.finding.detail))

    def _well(self, look: Look) -> Verdict:
        passed = [
            replace(
                one, finding=replace(one.finding, state="degraded", detail=f"{one.finding.detail}; well at a retry")
            )
            for one in self.held
        ]
        self.failures, self.held = 0, []
        finding = look.finding
        change = self._turn(finding.state, look.at, finding.detail) if finding.state != self.state else None
        return Verdict([*passed, look], change)

    def _turn(self, state: str, at: datetime, cause: str) -> Change:
        change = Change(at, state, self.state, cause)
        self.state = state
        return change

    def forget(self) -> None:
        """Drops what is held: it may have been the checker's own fault."""
        self.failures, self.held = 0, []
