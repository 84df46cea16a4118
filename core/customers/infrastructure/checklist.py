"""The steps from a request to infrastructure that is ready. The template is data; a record keeps its own copy of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from core.kernel.errors import Invalid

StepState = Literal["open", "in_progress", "blocked", "done", "skipped"]
STATES: tuple[StepState, ...] = ("open", "in_progress", "blocked", "done", "skipped")
STATE_TITLES = {
    "open": "Open", "in_progress": "In progress", "blocked": "Blocked", "done": "Done",
    "skipped": "Skipped",
}  # fmt: skip
MAX_EVIDENCE = 1_000


@dataclass(frozen=True, slots=True)
class Step:
    """`team` is who usually does it; `days` after the request it is due."""

    key: str
    title: str
    about: str
    team: str
    days: int
    is_required: bool = True


TEMPLATE = (
    Step(
        "contract", "Check contract and region", "The contract names dedicated infrastructure and where data may lie.",
        "Customer success", 2,
    ),
    Step("network", "Make network and access rules", "A network of its own, reachable from the product alone.", "Platform", 4),
    Step(
        "database", "Make the database server", "Size as requested, encrypted at rest, in the tenant's region.",
        "Platform", 5,
    ),
    Step(
        "secrets", "Put credentials into the secret store", "Write down the entry's name here, never what it holds.",
        "Platform", 5,
    ),
    Step(
        "backups", "Set up backups and restore one", "Point-in-time recovery; a restore was tried and its time noted.",
        "Platform", 7,
    ),
    Step("monitoring", "Watch it", "Monitors, metrics and alerts reach the team on duty.", "Platform", 7),
    Step("migration", "Move the data", "Counts of rows before and after agree.", "Implementation", 9),
    Step(
        "security", "Security review", "Access, encryption and patch level were looked at by somebody else.", "Security", 10,
    ),
    Step("load_test", "Load test", "Twice the expected load for an hour.", "Platform", 11, False),
    Step("handover", "Hand over to the customer", "The customer has confirmed that it works.", "Customer success", 12),
    Step("runbook", "Write the runbook", "What to do when it fails, and whom to call.", "Platform", 12, False),
)  # fmt: skip
TEAMS = tuple(dict.fromkeys(step.team for step in TEMPLATE))


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of steps; `missing` are the titles of required ones that are not done."""

    done: int
    total: int
    missing: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        return not self.missing

    @property
    def ratio(self) -> float:
        return self.done / self.total if self.total else 1.0


def progress(steps: Iterable[tuple[str, str, bool]]) -> Progress:
    """Of (title, state, is required): required steps that are done, of all required ones."""
    required = [(title, state) for title, state, is_required in steps if is_required]
    missing = tuple(title for title, state in required if state != "done")
    return Progress(len(required) - len(missing), len(required), missing)


def require_complete(steps: Iterable[tuple[str, str, bool]]) -> None:
    """Raises Invalid naming the required steps that are not done."""
    found = progress(steps)
    if found.missing:
        raise Invalid(f"Not every required step is done: {', '.join(found.missing)}. Do these first.")


def require_settable(state: str, *, is_required: bool, evidence: str | None) -> None:
    """A required step is never skipped, and nothing is done without a word of evidence. Raises Invalid."""
    if state not in STATES:
        raise Invalid(f"The state is one of: {', '.join(STATES)}.", {"state": "Choose a state."})
    if state == "skipped" and is_required:
        raise Invalid("This step is required and cannot be skipped.", {"state": "This step is required."})
    if state in ("done", "skipped") and not (evidence or "").strip():
        sentence = "Say in the evidence how it is known, such as a ticket's number or what was measured."
        raise Invalid(sentence, {"evidence": sentence})
