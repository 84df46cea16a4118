"""Import of invoices from a CSV file: what it would do, row by row, and doing it. Sent twice, it is kept once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import pandas as pd
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from core.customers.invoices import parsing, steps
from core.customers.invoices.models import Invoice
from core.customers.invoices.parsing import Parsed
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import as_id, read
from core.kernel.writes import write

OUTCOMES = ("new", "known", "refused")


class Known(NamedTuple):
    """What the database knows of the invoices in a file."""

    tenants: dict[str, tuple[UUID, str]]
    invoices: dict[str, Any]
    periods: dict[tuple[UUID, date, date], str]


@dataclass(frozen=True, slots=True)
class Judged:
    """One invoice of the file: `outcome` is new, known (it is there already, and stays as it is) or refused with `problem`."""

    parsed: Parsed
    outcome: str
    tenant_id: UUID | None
    tenant: str
    problem: str | None


def preview(actor: Actor, data: bytes) -> pd.DataFrame:
    """What `import_many` would do, without doing it: see `as_frame`. Raises Invalid for a file that is no such CSV."""
    require(actor, "invoices:create")
    parsed = parsing.parse(data)
    with read(actor) as rx:
        judged = judge(rx.session, parsed)
    return as_frame(judged)


def import_many(actor: Actor, data: bytes) -> pd.DataFrame:
    """Stores the invoices that are new and right, in one transaction; the others are told. See `as_frame`."""
    parsed = parsing.parse(data)
    with write(actor, "invoices.import_many") as tx:
        judged = judge(tx.session, parsed)
        wanted = sorted((one for one in judged if one.outcome == "new"), key=lambda one: one.parsed.values["issued_on"])
        steps.store(tx, [_drafted(one) for one in wanted])
        tx.note(**{outcome: sum(one.outcome == outcome for one in judged) for outcome in OUTCOMES})
    return as_frame(judged)


def as_frame(judged: Iterable[Judged]) -> pd.DataFrame:
    """One row per invoice of the file: rows (text), external_id, tenant, total (Decimal), currency, outcome, problem."""
    columns = ["rows", "external_id", "tenant", "total", "currency", "outcome", "problem"]
    return pd.DataFrame([_told(one) for one in judged], columns=columns)


def _told(one: Judged) -> list[Any]:
    rows = one.parsed.rows
    place = str(rows[0]) if len(rows) == 1 else f"{rows[0]} to {rows[-1]}"
    values = one.parsed.values
    return [
        place, one.parsed.external_id, one.tenant or one.parsed.tenant, one.parsed.total if one.parsed.lines else None,
        values.get("currency"), one.outcome, one.problem,
    ]  # fmt: skip


def judge(session: Session, parsed: list[Parsed]) -> list[Judged]:
    """Each invoice of the file against what is there, in three statements whatever the size of the file."""
    known = _known(session, parsed)
    seen: set[tuple[UUID, date, date]] = set()
    return [_judge(one, known, seen) for one in parsed]


def _judge(one: Parsed, known: Known, seen: set[tuple[UUID, date, date]]) -> Judged:
    tenant_id, tenant = known.tenants.get(one.tenant.lower(), (None, ""))
    if one.problems or tenant_id is None:
        problems = one.problems or [f"No tenant “{one.tenant[:80]}” is known by this id or domain."]
        return Judged(one, "refused", tenant_id, tenant, " ".join(problems))
    there = known.invoices.get(one.external_id)
    if there is not None:
        is_same = (there.tenant_id, there.total, there.currency) == (tenant_id, one.total, one.values["currency"])
        told = f"It is known already as {there.number} of {there.total} {there.currency}, and is never overwritten."
        return Judged(one, "known" if is_same else "refused", tenant_id, tenant, None if is_same else told)
    start, end = one.values["period"]
    if start and one.values["status"] != "void":
        if (number := known.periods.get((tenant_id, start, end))) or (tenant_id, start, end) in seen:
            told = f"This period of the tenant is invoiced already{f' as {number}' if number else ' in this file'}."
            return Judged(one, "refused", tenant_id, tenant, told)
        seen.add((tenant_id, start, end))
    return Judged(one, "new", tenant_id, tenant, None)


def _known(session: Session, parsed: list[Parsed]) -> Known:
    tenants = _tenants(session, {one.tenant.lower() for one in parsed})
    there = select(Invoice.external_id, Invoice.number, Invoice.tenant_id, Invoice.total, Invoice.currency)
    there = there.where(Invoice.external_id.in_([one.external_id for one in parsed]))
    invoices = {row.external_id: row for row in session.execute(there)}
    return Known(tenants, invoices, _periods(session, parsed, tenants))


def _tenants(session: Session, given: set[str]) -> dict[str, tuple[UUID, str]]:
    ids = [key for one in given if (key := as_id(one))]
    rows = session.execute(
        select(Tenant.id, Tenant.domain, Tenant.name).where(or_(Tenant.id.in_(ids), Tenant.domain.in_(given)))
    )
    found: dict[str, tuple[UUID, str]] = {}
    for row in rows:
        found[str(row.id)] = found[row.domain] = row.id, row.name
    return found


def _periods(
    session: Session, parsed: list[Parsed], tenants: dict[str, tuple[UUID, str]]
) -> dict[tuple[UUID, date, date], str]:
    starts = [one.values["period"][0] for one in parsed if one.values.get("period", (None,))[0]]
    if not starts:
        return {}
    ids = [tenant_id for tenant_id, _ in tenants.values()]
    between = and_(Invoice.period_start >= min(starts), Invoice.period_start <= max(starts))
    columns = (Invoice.tenant_id, Invoice.period_start, Invoice.period_end, Invoice.number)
    found = select(*columns).where(Invoice.tenant_id.in_(ids), between, Invoice.status != "void")
    return {
        (row.tenant_id, row.period_start, row.period_end): row.number or "a draft" for row in session.execute(found)
    }


def _drafted(one: Judged) -> steps.Drafted:
    values = one.parsed.values
    assert one.tenant_id is not None
    return steps.draft(
        tenant_id=one.tenant_id, source="import", currency=values["currency"], issued_on=values["issued_on"],
        due_on=values["due_on"], lines=one.parsed.lines, tax=values["tax"], period=values["period"],
        external_id=one.parsed.external_id, status=values["status"], paid_at=values["paid_at"],
    )  # fmt: skip
