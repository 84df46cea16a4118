"""Demo contracts of the largest tenants, in several zones: some to be renewed soon, one amended, one ended early.

They begin with a period of the tenant's subscription, whose invoices since then are the contract's.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from fpdf import FPDF
from sqlalchemy import Text, case, cast, func, insert, select, update

from core.customers.contracts import billing, documents, renewals, rules
from core.customers.contracts.models import Contract, ContractCharge, ContractDocument, ContractVersion
from core.customers.invoices.models import Invoice, InvoiceLine
from core.customers.subscriptions.models import Subscription
from core.customers.subscriptions.periods import add_months
from core.customers.tenants.models import Tenant
from core.kernel import filing
from core.kernel.writes import Transaction

CONTRACTS = 14
_TIERS = [
    {"below": "99.95", "percent": "10"}, {"below": "99", "percent": "25"}, {"below": "95", "percent": "100"},
]  # fmt: skip
_ZONES = ("UTC", "America/New_York", "Europe/Berlin", "UTC", "Asia/Tokyo", "Europe/London", "UTC")
_LATENCIES = (100, 150, 200, 250, 300)
_SELLERS = ("Noah Bennett", "Ingrid Solberg", "Tomas Varga", "Aisha Karim")
# In how many periods of a month the contract is renewed; those that are invoiced yearly are renewed with their year.
_RENEWS_IN = (0, 2, 6, 1, 9, 0, 4, 2, 7, 11, 1, 8, 5, 10)
_ENDED, _AMENDED = 6, (4, 8)  # by their place
_IN_TALKS = (timedelta(days=20), timedelta(days=70))  # how far away the renewals are that are talked about
_RENEWED = (1, 5, 9)
_OLD = timedelta(days=75)  # how long each has run at least
_REASON = "The customer was bought, and moves to its new owner's platform"


class Billed(NamedTuple):
    """The periods that a tenant was invoiced for without a gap and at one price, oldest first; `day` ends the last one."""

    tenant: Any
    interval: str
    invoices: Sequence[Any]
    latest: date  # the latest day on which a contract begins

    @property
    def day(self) -> date:
        last: date = self.invoices[-1].period_end
        return last


def seed(tx: Transaction, random: Random, now: datetime) -> None:
    """Makes the contracts, their documents and tasks."""
    billed = _billed(tx, now.date())
    made = [_made(random, place, one, now) for place, one in enumerate(billed[:CONTRACTS])]
    earlier = [_earlier(random, *made[place][:2]) for place in _RENEWED if place < len(made)]
    drafts = [_draft(random, one, now) for one in billed[CONTRACTS:][:1]]
    whole: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [*earlier, *(one[:2] for one in made), *drafts]
    contracts = [contract for contract, _ in whole]
    if not contracts:
        return
    tx.bulk(insert(Contract), contracts)
    tx.bulk(insert(ContractVersion), [version for _, versions in whole for version in versions])
    _take_over(tx, [(contract, invoice) for contract, _, kept in made for invoice in kept])
    _document(tx, random, contracts[:11], now)
    _plan(tx, random, now)


def _earlier(random: Random, contract: dict[str, Any], versions: list[dict[str, Any]]) -> tuple[dict[str, Any], Any]:
    """The contract of a year that this one followed."""
    starts_on, before = add_months(contract["starts_on"], -12), UUID(int=random.getrandbits(128), version=4)
    contract["renews_id"] = before
    days = {"starts_on": starts_on, "ended_on": contract["starts_on"] - rules.DAY, "billed_until": None}
    created = datetime.combine(starts_on - timedelta(days=20), time(9), UTC)
    stamps = {"created_at": created, "updated_at": contract["created_at"]}
    old = contract | days | stamps | {"id": before, "status": "renewed", "renews_id": None}
    terms = {field: versions[0][field] for field in rules.FIELDS} | {
        "term_months": 12,
        "renewal_on": None,
        "limits": {},
    }
    return old, [_version(old, terms, number=1, effective_on=starts_on, reason="", at=created)]


def _draft(random: Random, one: Billed, now: datetime) -> tuple[dict[str, Any], Any]:
    """A contract that is still talked about."""
    contract, versions, _ = _made(random, 1, one, now)
    starts_on = add_months(now.date().replace(day=1), 2)
    draft = contract | {
        "status": "draft",
        "starts_on": starts_on,
        "billed_until": None,
        "created_at": now,
        "updated_at": now,
    }
    terms = {field: versions[0][field] for field in rules.FIELDS} | {"term_months": 24, "renewal_on": None}
    return draft, [_version(draft, terms, number=1, effective_on=starts_on, reason="", at=now)]


def _billed(tx: Transaction, today: date) -> list[Billed]:
    """The tenants that pay most, enterprise first."""
    order = (case((Tenant.tier == "enterprise", 0), else_=1), Tenant.seats.desc(), Tenant.id)
    columns = (Tenant.id, Tenant.csm_id, Tenant.tier, Subscription.interval)
    found = select(*columns).join(Subscription, Subscription.tenant_id == Tenant.id)
    able = (Tenant.status == "active", Subscription.status.in_(("active", "past_due")), Subscription.unit_price > 0)
    tenants = {row.id: row for row in tx.session.execute(found.where(*able).order_by(*order).limit(3 * CONTRACTS))}
    mine = select(Invoice).where(Invoice.tenant_id.in_(tenants), Invoice.source == "renewal")
    rows = tx.session.scalars(mine.order_by(Invoice.tenant_id, Invoice.period_start)).all()
    courses = {key: _unbroken(list(group)) for key, group in groupby(rows, key=lambda row: row.tenant_id)}
    latest = today - _OLD
    usable = [Billed(row, row.interval, courses[key], latest) for key, row in tenants.items() if courses.get(key)]
    return [one for one in usable if one.invoices[0].period_start <= latest]


def _unbroken(invoices: list[Any]) -> list[Any]:
    """The last ones that follow each other at one price."""
    kept = invoices[-1:]
    for before in reversed(invoices[:-1]):
        if before.period_end != kept[0].period_start or before.total != kept[0].total or before.status == "void":
            break
        kept.insert(0, before)
    return kept if kept[-1].status != "void" else []


def _made(
    random: Random, place: int, one: Billed, now: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]], list[Any]]:
    """The contract, its versions, and the invoices that are its own."""
    starts_on, months = _term(place, one)
    kept = [invoice for invoice in one.invoices if invoice.period_start >= starts_on]
    ended_on = _ended(place, kept)
    if ended_on:
        kept = [invoice for invoice in kept if invoice.period_start <= ended_on]
    created = datetime.combine(starts_on - timedelta(days=random.randint(5, 30)), time(9), UTC)
    contract = {
        "id": UUID(int=random.getrandbits(128), version=4), "tenant_id": one.tenant.id, "currency": one.invoices[0].currency,
        "status": "terminated" if ended_on else "renewing" if _is_near(starts_on, months, now) else "active",
        "time_zone": _ZONES[place % len(_ZONES)], "starts_on": starts_on, "ended_on": ended_on, "csm_id": one.tenant.csm_id,
        "account_executive": random.choice(_SELLERS), "renews_id": None, "termination_reason": _REASON if ended_on else None,
        "billed_until": None if ended_on else one.day, "created_at": created, "updated_at": created, "version": 1,
    }  # fmt: skip
    versions = _versions(random, place, contract, one, months, now)
    for invoice in kept:
        invoice.due_on = invoice.issued_on + timedelta(days=billing.TERMS[versions[0]["payment_terms"]])
    return contract, versions, kept


def _term(place: int, one: Billed) -> tuple[date, int]:
    """First day and months; a contract begins with one of the periods that were invoiced, and not too late to look back."""
    starts = [invoice.period_start for invoice in one.invoices]
    renewal = one.day if one.interval == "yearly" else add_months(one.day, _RENEWS_IN[place % len(_RENEWS_IN)])
    within = next((start for start in starts if start >= add_months(renewal, -12)), starts[-1])
    starts_on = min(within, max(start for start in starts if start <= one.latest))
    return starts_on, max((renewal.year - starts_on.year) * 12 + renewal.month - starts_on.month, 1)


def _is_near(starts_on: date, months: int, now: datetime) -> bool:
    return _IN_TALKS[0] <= add_months(starts_on, months) - now.date() <= _IN_TALKS[1]


def _ended(place: int, kept: list[Any]) -> date | None:
    """The last day of the one that ended early: of a period some weeks ago."""
    return kept[-2].period_end - rules.DAY if place == _ENDED and len(kept) > 2 else None


def _versions(
    random: Random, place: int, contract: dict[str, Any], one: Billed, months: int, now: datetime
) -> list[dict[str, Any]]:
    monthly, target = one.interval == "monthly", "99.5" if place % 3 == 2 and place not in _AMENDED else "99.95"
    terms = rules.DEFAULTS | {
        "annual_value": one.invoices[-1].total * (12 if monthly else 1), "billing_cycle": "monthly" if monthly else "annual",
        "term_months": months, "payment_terms": "net_30" if place % 3 else "net_60", "notice_days": (60, 30, 90)[place % 3],
        "uptime_target": Decimal(target), "latency_p99_ms": random.choice(_LATENCIES),
        "credit_tiers": [{"below": target, "percent": "10"}, *_TIERS[1:]],
        "error_rate_target": Decimal("0.5") if place % 2 else None, "credit_cap": Decimal(100 if place % 4 else 50),
        "support_level": "enterprise" if one.tenant.tier == "enterprise" else "premium",
        "support_response_minutes": 60 if one.tenant.tier == "enterprise" else 120,
        "maintenance_minutes": 240 if place % 3 == 1 else None,
        "limits": {"api_calls": str(random.choice((2, 5, 8)) * 1_000_000)} if place % 3 == 0 else {},
    }  # fmt: skip
    first = _version(
        contract, terms, number=1, effective_on=contract["starts_on"], reason="", at=contract["created_at"]
    )
    if place not in _AMENDED:
        return [first]
    middle = _amended_on(contract, now)
    lower = first | {
        "uptime_target": Decimal("99.9"),
        "credit_tiers": [{"below": "99.9", "percent": "10"}, *_TIERS[1:]],
    }
    at = datetime.combine(middle - timedelta(days=6), time(14, 30), UTC)
    reason = "Amendment 1: uptime of 99.95 % in place of 99.9 %"
    return [lower, _version(contract, terms, number=2, effective_on=middle, reason=reason, at=at)]


def _amended_on(contract: dict[str, Any], now: datetime) -> date:
    """In the middle of the last month that is over, so that it has two parts; not before the contract's first day."""
    last_month = now.date().replace(day=1) - rules.DAY
    starts_on: date = contract["starts_on"]
    return max(last_month.replace(day=16), starts_on)


def _version(
    contract: dict[str, Any], terms: dict[str, Any], *, number: int, effective_on: date, reason: str, at: datetime
) -> dict[str, Any]:
    settled = rules.settled(dict(terms), starts_on=contract["starts_on"], effective_on=effective_on)
    return settled | {
        "id": UUID(int=contract["id"].int ^ number, version=4), "contract_id": contract["id"],
        "tenant_id": contract["tenant_id"], "number": number, "effective_on": effective_on, "reason": reason,
        "created_by": None, "created_by_name": contract["account_executive"], "created_at": at,
    }  # fmt: skip


def _take_over(tx: Transaction, owned: list[tuple[dict[str, Any], Any]]) -> None:
    """The invoices become the contract's, each with its charge."""
    for contract, invoice in owned:
        invoice.source, invoice.contract_id, invoice.subscription_id = "contract", contract["id"], None
    tx.session.flush()
    charges = [
        {
            "id": UUID(int=invoice.id.int ^ contract["id"].int, version=4), "contract_id": contract["id"],
            "tenant_id": invoice.tenant_id, "invoice_id": invoice.id, "kind": "fee", "period_start": invoice.period_start,
            "period_end": invoice.period_end, "amount": invoice.total, "credit_id": None, "created_at": invoice.created_at,
        }
        for contract, invoice in owned
    ]  # fmt: skip
    tx.bulk(insert(ContractCharge), charges)
    charge, number = ContractCharge, func.lpad(cast(Contract.number, Text), 5, "0")
    days = func.concat(charge.period_start, " to ", charge.period_end - 1)
    told = update(InvoiceLine).where(InvoiceLine.invoice_id == charge.invoice_id, charge.contract_id == Contract.id)
    tx.bulk(told.values(description=func.concat("Contract C-", number, ", ", days)))


def _document(tx: Transaction, random: Random, contracts: list[dict[str, Any]], now: datetime) -> None:
    rows = []
    for contract in contracts:
        content = _pdf(contract)
        rows.append({
            "id": UUID(int=random.getrandbits(128), version=4), "contract_id": contract["id"],
            "tenant_id": contract["tenant_id"], "name": "Signed agreement.pdf", "media_type": "application/pdf",
            "size_bytes": len(content), "digest": filing.put(tx, documents.SHELF, content),
            "added_by_name": contract["account_executive"], "created_at": min(contract["created_at"], now), "removed_at": None,
        })  # fmt: skip
    tx.bulk(insert(ContractDocument), rows)


def _pdf(contract: dict[str, Any]) -> bytes:
    """A page that says what it stands for."""
    page = FPDF()
    page.set_creation_date(contract["created_at"])
    page.add_page()
    page.set_font("Helvetica", size=14)
    page.multi_cell(
        0, 8, f"Enterprise agreement (demo)\nBegins on {contract['starts_on']}\nSold by {contract['account_executive']}"
    )
    return bytes(page.output())


def _plan(tx: Transaction, random: Random, now: datetime) -> None:
    """Tasks of renewals that are near; those that were due long ago are done mostly."""
    tasks = renewals.plan(tx)
    for task in tasks:
        task.due_on = task.renewal_on - timedelta(days=task.days_before)
        if task.due_on < now.date() and random.random() < 0.7:
            task.done_at = min(
                datetime.combine(task.due_on, time(15), UTC) + timedelta(days=random.randint(-6, 3)), now
            )
            task.done_by_name, task.note = "Priya Raman", "Done with the customer by call"
    tx.add_all(tasks)
