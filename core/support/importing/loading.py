"""A whole log into the portal, in batches that are stored one by one: a run that was cut off is simply run again."""

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.support.importing import actions, reading
from core.support.importing.history import Incident, incident, misplaced
from core.support.importing.reading import Log, Problem

TWICE = "sys_mod_count {count} is there twice, and the time of this row does not fit between its neighbours"
AT_ONCE = 500  # incidents in one transaction
Progress = Callable[[int], None]


@dataclass(slots=True)
class Report:
    """What a file held and what became of it. `lost` are incidents of which no row could be read."""

    rows: int
    made: int = 0
    known: int = 0
    guessed: int = 0
    reopened: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    lost: tuple[str, ...] = ()


def load(actor: Actor, path: Path, zone: tzinfo = UTC, progress: Progress = lambda _: None) -> Report:
    """Makes tickets of the file; `progress` is told how many incidents are done. Raises Invalid, Denied, Unavailable.

    Rows that could not be read are in the report.
    """
    log = reading.read(path, zone)
    _drop_misplaced(log)
    lost = {one.number for one in log.problems if one.number and one.number not in log.incidents}
    report = Report(log.rows, problems=log.problems, lost=tuple(sorted(lost)))
    numbers = list(log.incidents)
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        _store(actor, [incident(number, log.incidents[number]) for number in some], report)
        progress(report.made + report.known)
    return report


def _drop_misplaced(log: Log) -> None:
    """Takes out what contradicts the order of its own incident, and says so."""
    for number, updates in log.incidents.items():
        wrong = misplaced(updates)
        if wrong and len(wrong) < len(updates):
            log.incidents[number] = [one for one in updates if one not in wrong]
            log.problems += [Problem(one.line, number, TWICE.format(count=one.count)) for one in wrong]
    log.problems.sort(key=lambda one: one.line)


def _store(actor: Actor, incidents: Sequence[Incident], report: Report) -> None:
    outcome = actions.import_many(actor, incidents)
    report.made += outcome.made
    report.known += outcome.known
    report.guessed += sum(one.is_guessed for one in incidents)
    report.reopened += sum(one.reopen_count > 0 for one in incidents)
    report.statuses.update(one.status for one in incidents)


def write_rejects(path: Path, problems: Sequence[Problem]) -> None:
    """Says line by line in FILE.rejects what was left out; no such file where nothing was. Raises Invalid."""
    rejects = path.with_name(path.name + ".rejects")
    try:
        _write(rejects, problems)
    except OSError as error:
        raise Invalid(
            f"{rejects} cannot be written: {error}. The tickets are stored; make room for the file."
        ) from error


def _write(rejects: Path, problems: Sequence[Problem]) -> None:
    if not problems:
        rejects.unlink(missing_ok=True)
        return
    with rejects.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("line", "number", "reason"))
        writer.writerows((one.line, one.number, one.reason) for one in problems)
