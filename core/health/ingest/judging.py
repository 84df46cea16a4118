"""Which rows of a batch can be stored, and why the others cannot."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from core.health.ingest import rules, sentences
from core.health.ingest.rows import KINDS, AnyRow, Error, Message, Metric, Request, Row, decode
from core.health.ingest.rules import Problem, Window
from core.health.metrics.rules import problem_of
from core.kernel.actor import Actor

# An escaped NUL that is not itself behind an escaped backslash.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_REFUSED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

Placed = tuple[int, AnyRow]
Told = tuple[str, str | None, str]


@dataclass(slots=True)
class Judged:
    """The good rows with their places in the batch, and what is wrong with the others."""

    good: list[Placed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def tenant_ids(self) -> set[UUID]:
        return {row.tenant_id for _, row in self.good if row.tenant_id is not None}

    def by_kind(self) -> dict[type[Row], list[tuple[int, Any]]]:
        """The good rows of each kind; of one that there is none of, an empty list."""
        found: dict[type[Row], list[tuple[int, Any]]] = {kind: [] for kind in KINDS.values()}
        for placed in self.good:
            found[type(placed[1])].append(placed)
        return found


def judge(rows: Iterable[bytes], window: Window) -> Judged:
    """Decodes each row on its own. An empty one is skipped and keeps its number."""
    judged = Judged()
    keep, oldest, latest = judged.good.append, window.oldest, window.latest
    for index, raw in enumerate(rows):
        if not raw:
            continue
        try:
            row = decode(raw)
        except _REFUSED as error:
            judged.problems.append(Problem(index, *sentences.told(raw, error)))
            continue
        is_plain = oldest <= row.at <= latest and len(raw) <= rules.MAX_ROW_BYTES and b"\\u0000" not in raw
        told = _CHECKS[type(row)](row) if is_plain else _problem(row, raw, window)
        if told is None:
            keep((index, row))
        else:
            judged.problems.append(Problem(index, *told))
    return judged


def _problem(row: AnyRow, raw: bytes, window: Window) -> Told | None:
    if len(raw) > rules.MAX_ROW_BYTES:
        return "too_long", None, f"This row is larger than {rules.MAX_ROW_BYTES // 1024} KiB. Shorten its texts."
    if _NUL.search(raw):
        return "nul", None, "This row holds a NUL character, which cannot be stored. Leave it out."
    if late := window.problem(row.at):
        return late[0], "at", late[1]
    return _CHECKS[type(row)](row)


def _of_named(row: Request | Error) -> Told | None:
    if row.service == rules.OWN_SERVICE:
        return "wrong_value", "service", "The service portal is the portal itself. Give your service another name."
    return None


def _of_message(row: Message) -> Told | None:
    return None if row.cost is None else rules.cost_problem(row.cost, row.currency)


def _of_metric(row: Metric) -> Told | None:
    told = problem_of(point_of(row))
    return ("wrong_value", None, told) if told else None


_CHECKS: Mapping[type[Row], Callable[[Any], Told | None]] = {
    Request: _of_named, Error: _of_named, Message: _of_message, Metric: _of_metric,
}  # fmt: skip


def point_of(row: Metric) -> dict[str, Any]:
    """The metric as `metrics.recording.store` takes it."""
    return {
        "at": row.at, "name": row.name, "kind": row.kind, "unit": row.unit, "service": row.service,
        "tenant_id": row.tenant_id, "labels": row.labels, "value": row.value, "count": row.count,
    }  # fmt: skip


def admit(judged: Judged, actor: Actor, known: set[UUID]) -> None:
    """Refuses the rows of tenants that do not exist or are not the actor's; gives rows of none the key's tenant."""
    own = actor.tenant_id if actor.scope == "tenant" else None
    named = {row.tenant_id for _, row in judged.good}
    foreign = {tenant: told for tenant in named if (told := _foreign(tenant, actor, known))}
    if not foreign and own is None:
        return
    held, judged.good = judged.good, []
    for placed in held:
        index, row = placed
        if told := foreign.get(row.tenant_id):
            judged.problems.append(Problem(index, told[0], "tenant_id", told[1]))
            continue
        if row.tenant_id is None:
            row.tenant_id = own
        judged.good.append(placed)


def _foreign(tenant_id: UUID | None, actor: Actor, known: set[UUID]) -> tuple[str, str] | None:
    if tenant_id is None:
        is_needed = actor.scope == "assigned"
        return ("missing", "Say which tenant this is of: you see assigned tenants only.") if is_needed else None
    if actor.scope == "tenant" and tenant_id != actor.tenant_id:
        return "other_tenant", "This key is bound to one tenant, and the row is of another. Leave tenant_id out."
    return None if tenant_id in known else ("unknown_tenant", f"There is no tenant {tenant_id}.")


def request_of(row: Request) -> tuple[Any, ...]:
    """The request in the order of storing.REQUEST_COLUMNS."""
    return (
        row.at, row.service, "product", rules.path_of(row.route), row.method, row.status, row.duration_ms, row.status >= 500,
        row.response_bytes, row.tenant_id, row.trace_id or "",
    )  # fmt: skip


def message_of(row: Message) -> tuple[Any, ...]:
    """The message in the order of storing.MESSAGE_COLUMNS."""
    return (
        row.at, row.tenant_id, row.provider, row.channel, row.status, row.duration_ms, rules.rounded(row.cost), row.currency,
        row.message_id, row.error,
    )  # fmt: skip


def rejected_codes(problems: Sequence[Problem]) -> dict[str, int]:
    """How many rows each code refused."""
    found: dict[str, int] = {}
    for one in problems:
        found[one.code] = found.get(one.code, 0) + 1
    return found
