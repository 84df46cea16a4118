"""python -m jobs import-tickets FILE: makes tickets, with their history, of a ServiceNow incident log (CSV, a row per update).

An incident becomes a ticket once, by its number: a second run changes nothing. Rows that cannot be read are told and written
to FILE.rejects.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tqdm import tqdm

import core.models
import core.permissions  # noqa: F401  (every action and every table it refers to is to be known)
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.support.importing.loading import Report, load, write_rejects

TOP = 20


def main(words: list[str]) -> int:
    """The exit code: 0 done, 1 not to the end (run it again), 2 wrong use."""
    given = _parser().parse_args(words)
    try:
        with tqdm(unit=" incidents", desc=given.file.name, file=sys.stderr) as bar:
            actor = Actor.system("import tickets", channel="cli")
            report = load(actor, given.file, given.zone, progress=_moving(bar))
        sys.stdout.write(told(report, given.file) + "\n")
        write_rejects(given.file, report.problems)
    except ExpectedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What was stored stays; run the same command again to go on.\n")
        return 1
    return 0


def _moving(bar: "tqdm[Any]") -> Callable[[int], None]:
    def move(done: int) -> None:
        bar.update(done - bar.n)

    return move


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m jobs import-tickets", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--zone", type=_zone, default=ZoneInfo("UTC"), help="the time zone of the log's times (UTC)")
    return parser


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise argparse.ArgumentTypeError(f"{name} is no time zone; give one such as Europe/Lisbon") from error


def told(report: Report, path: Path) -> str:
    """The report as text."""
    lines = [
        f"Rows        {report.rows:>8,}", f"Not read    {len(report.problems):>8,}", f"New tickets {report.made:>8,}",
        f"Known       {report.known:>8,}", "", "Status",
        *(f"  {status:<12}{count:>8,}" for status, count in sorted(report.statuses.items())), "",
        f"Reopened at least once: {report.reopened:,}",
        f"Ended without a time of resolution, taken from the changes of state: {report.guessed:,}",
    ]  # fmt: skip
    return "\n".join(lines + _problems(report, path))


def _problems(report: Report, path: Path) -> list[str]:
    if not report.problems:
        return []
    shown = [f"  line {one.line} ({one.number or 'no number'}): {one.reason}" for one in report.problems[:TOP]]
    more = len(report.problems) - len(shown)
    lost = f"Incidents of which nothing could be read: {', '.join(report.lost[:TOP])}" if report.lost else ""
    rest = f"  and {more:,} more" if more else ""
    return ["", f"Rows that were not read, all of them in {path}.rejects:", *shown, *filter(None, (rest, lost))]
