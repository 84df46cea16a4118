"""python -m jobs ingest FILE: takes in an access log (nginx, Apache, JSON lines, also packed by gzip) and prints what it held.

A second run goes on where the first one ended and stores nothing twice. Bad lines go to FILE.rejects.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tqdm import tqdm

from core.health.ingest import tenants
from core.health.ingest.loading import Options, Report, load
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError

TOP = 10


def main(words: list[str]) -> int:
    """The exit code: 0 done, 1 not to the end (run it again), 2 wrong use."""
    given = _parser().parse_args(words)
    actor = Actor.system("ingest", channel="cli")
    try:
        tenant_id = tenants.resolve(actor, given.tenant) if given.tenant else None
        options = Options(given.service, tenant_id, given.fold_ids)
        report = _load(actor, given.file, options)
    except ExpectedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What was stored stays; run the same command again to go on.\n")
        return 1
    sys.stdout.write(told(report, given.file) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m jobs ingest", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--service", type=_service, default="web", help="the service that wrote the log (web)")
    parser.add_argument("--tenant", help="whose requests they are: id, domain or name (nobody's)")
    parser.add_argument("--fold-ids", action="store_true", help="numbers, UUIDs and long hexadecimal parts as {id}")
    return parser


def _service(text: str) -> str:
    name = text.strip()
    if not 1 <= len(name) <= 100 or name == "portal":
        raise argparse.ArgumentTypeError("give the service a name of 1 to 100 characters, other than portal")
    return name


def _load(actor: Actor, path: Path, options: Options) -> Report:
    size = path.stat().st_size if path.is_file() else None
    with tqdm(total=size, unit="B", unit_scale=True, unit_divisor=1024, desc=path.name, file=sys.stderr) as bar:
        return load(actor, path, options, progress=_moving(bar))


def _moving(bar: "tqdm[Any]") -> Callable[[int], None]:
    def move(position: int) -> None:
        bar.update(position - bar.n)

    return move


def told(report: Report, path: Path) -> str:
    """The report as text."""
    known = f" ({report.known:,} of them by an earlier run)" if report.known else ""
    rejects = f", see {path}.rejects" if report.rejected else ""
    top = report.routes.most_common(TOP)
    return "\n".join([
        f"Lines     {report.lines:>12,}",
        f"Stored    {report.accepted:>12,}{known}",
        f"Rejected  {report.rejected:>12,}{rejects}",
        "", "Status", *(f"  {status}  {count:>12,}" for status, count in sorted(report.statuses.items())),
        "", "Top routes" if report.is_exact else "Top routes (about: there are too many to count each)",
        *(f"  {count:>12,}  {route}" for route, count in top),
    ])  # fmt: skip
