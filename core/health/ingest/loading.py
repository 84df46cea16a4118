"""Takes in a log file: part by part, each once, however often the command is run."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from uuid import UUID

from sqlalchemy import Integer, select

from core.health.ingest import files, judging, lines, taking, tenants
from core.health.ingest.files import Part
from core.health.ingest.judging import Judged
from core.health.ingest.models import IngestBatch
from core.health.ingest.rows import AnyRow, Request
from core.health.ingest.rules import FILES, Problem, Window
from core.health.ingest.taking import Batch, OtherContent
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.telemetry import record
from core.kernel.times import utc_now

MOST_ROUTES = 200_000


@dataclass(frozen=True, slots=True)
class Options:
    """What lines do not say of themselves."""

    service: str
    tenant_id: UUID | None = None
    fold_ids: bool = False

    @property
    def fingerprint(self) -> bytes:
        return hashlib.sha256(f"{self.service}\n{self.tenant_id}\n{self.fold_ids}".encode()).digest()


@dataclass(slots=True)
class Report:
    """What a file held. `known` rows had been stored by an earlier run; `is_exact` is False when `routes` were too many to
    count each."""

    lines: int = 0
    accepted: int = 0
    known: int = 0
    rejected: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    routes: Counter[str] = field(default_factory=Counter)
    is_exact: bool = True

    def add(self, part: Part, judged: Judged, *, is_repeat: bool) -> None:
        self.lines += len(part.lines)
        self.accepted += len(judged.good)
        self.known += len(judged.good) * is_repeat
        self.rejected += len(judged.problems)
        asked = [row for _, row in judged.good if isinstance(row, Request)]
        self.statuses.update(row.status for row in asked)
        self.routes.update(row.route for row in asked)
        if len(self.routes) > MOST_ROUTES:
            self.routes, self.is_exact = Counter(dict(self.routes.most_common(MOST_ROUTES // 2))), False


def load(actor: Actor, path: Path, options: Options, *, progress: Callable[[int], None] = lambda _: None) -> Report:
    """Stores what the file tells and writes its bad lines to FILE.rejects. `progress` is told the position on the disk.

    Raises Invalid, NotFound, Denied, Unavailable; all parts until then stay, and another run goes on from there.
    """
    require(actor, taking.SENDS)
    report, ends = Report(), _earlier_ends(actor)
    rejects = path.with_name(f"{path.name}.rejects")
    with files.opened(path) as file, rejects.open("wb") as out:
        for part in file.parts(ends):
            judged = _judge(part, options)
            is_repeat = _store(actor, part, judged, options)
            report.add(part, judged, is_repeat=is_repeat)
            _reject(out, part, judged)
            progress(file.position)
    if not report.rejected:
        with suppress(FileNotFoundError):
            rejects.unlink()
    return report


def _earlier_ends(actor: Actor) -> Mapping[int, set[str]]:
    """Where files ended when they were read before: offset -> digests."""
    many = IngestBatch.answer["lines"].astext.cast(Integer)
    found: dict[int, set[str]] = defaultdict(set)
    with record(actor) as tx:
        for (key,) in tx.execute(select(IngestBatch.batch_id).where(IngestBatch.actor_id == FILES, many < files.LINES)):
            digest, _, end = key.partition(":")
            found[int(end)].add(digest)
    return found


def _store(actor: Actor, part: Part, judged: Judged, options: Options) -> bool:
    """Whether the part was known."""
    batch = Batch(part.id, (), options.fingerprint)
    try:
        with record(actor) as tx:
            judging.admit(judged, actor, tenants.known(tx, judged.tenant_ids))
            taken = taking.store_once(tx, FILES, batch, judged, utc_now(), about={"lines": len(part.lines)})
    except OtherContent as error:
        raise Invalid(
            "Lines of this file were stored with another --service, --tenant or --fold-ids. Use the same ones again."
        ) from error
    taking.count(taken, judged)
    return taken.is_repeat


def _judge(part: Part, options: Options) -> Judged:
    judged, window = Judged(), Window.at(utc_now(), past=None)
    for index, line in enumerate(part.lines):
        if not line.strip():
            continue
        if part.first + index in part.cut:
            judged.problems.append(Problem(index, "too_long", None, f"longer than {files.LINE // 1024} KiB"))
        else:
            _judge_line(judged, index, line, options, window)
    return judged


def _judge_line(judged: Judged, index: int, line: bytes, options: Options, window: Window) -> None:
    if line.startswith(b"{") and b'"type"' in line:
        own = judging.judge([line], window)
        if own.good or not any(problem.detail.startswith("type must be") for problem in own.problems):
            judged.good += [(index, _of(row, options)) for _, row in own.good]
            judged.problems += [Problem(index, one.code, one.field, one.detail) for one in own.problems]
            return
    try:
        row = lines.parse(line.decode(errors="replace"), service=options.service)
    except lines.BadLine as error:
        judged.problems.append(Problem(index, "malformed", None, str(error)))
        return
    if late := window.problem(row.at):
        judged.problems.append(Problem(index, late[0], "at", late[1]))
    else:
        judged.good.append((index, _of(row, options)))


def _of(row: AnyRow, options: Options) -> AnyRow:
    if row.tenant_id is None:
        row.tenant_id = options.tenant_id
    if isinstance(row, Request) and options.fold_ids:
        row.route = lines.folded(row.route)
    return row


def _reject(out: IO[bytes], part: Part, judged: Judged) -> None:
    for problem in sorted(judged.problems, key=lambda one: one.index):
        reason = f"{part.first + problem.index}\t{problem.detail}\t".encode()
        out.write(reason + part.lines[problem.index] + b"\n")
    out.flush()
