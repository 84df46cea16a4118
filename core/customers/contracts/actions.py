"""What can be done with a contract from its draft to its end. New terms: amending.py; the next contract: renewals.py."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from core.customers.contracts import rules, sources, steps
from core.customers.contracts.models import Contract
from core.customers.invoices.rules import clean_currency
from core.customers.tenants.colleagues import require_colleague
from core.customers.tenants.models import Tenant
from core.customers.tenants.rules import require_editable
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write

AT_ONCE = 500
UNCHANGED: Any = object()


@dataclass(frozen=True, slots=True)
class Draft:
    """Whose contract, from which day on, and what is the contract's for good. Without a CSM it is the tenant's."""

    tenant_id: UUID
    starts_on: date
    currency: str = "USD"
    time_zone: str = "UTC"
    csm_id: UUID | None = None
    account_executive: str = ""


def create(actor: Actor, wanted: Draft, *, once: str | None = None, **terms: Any) -> Contract:
    """Makes a draft with its first version. Terms: rules.FIELDS; `annual_value` must be given, rules.DEFAULTS are for others.

    Raises Invalid naming every bad field, NotFound.
    """
    if "annual_value" not in terms:
        raise rules.refused("annual_value", "Give the annual value.")
    with write(actor, "contracts.create", once=once) as tx:
        tenant = tx.get(Tenant, wanted.tenant_id)
        require_editable(tenant.status)
        contract = _made(wanted, tenant)
        whole = rules.settled(
            rules.clean(rules.DEFAULTS | terms), starts_on=contract.starts_on, effective_on=contract.starts_on
        )
        tx.add(contract)
        tx.session.flush()
        steps.add_version(tx, contract, whole, number=1, effective_on=contract.starts_on, reason="")
    return contract


def _made(wanted: Draft, tenant: Tenant) -> Contract:
    require_colleague(wanted.csm_id)
    return Contract(
        tenant_id=tenant.id, status="draft", currency=clean_currency(wanted.currency),
        time_zone=rules.clean_zone(wanted.time_zone), starts_on=rules.clean_day("starts_on", wanted.starts_on),
        csm_id=wanted.csm_id or tenant.csm_id,
        account_executive=rules.clean_text("account_executive", wanted.account_executive),
    )  # fmt: skip


def activate(actor: Actor, contract_id: UUID, *, version: int | None = None) -> Contract:
    """Puts a draft in force from its first day on, which may be past or to come. Raises Invalid, NotFound, Conflict."""
    with write(actor, "contracts.activate") as tx:
        contract = tx.lock(Contract, contract_id, version=version)
        rules.require("activate", contract.status)
        require_editable(tx.get(Tenant, contract.tenant_id).status)
        steps.require_alone(tx, contract, steps.latest(tx, contract_id).ends_on)
        contract.status, contract.billed_until = "active", contract.starts_on
        tx.note(number=contract.number)
    return contract


def update(
    actor: Actor, contract_id: UUID, *, csm_id: UUID | None = UNCHANGED, account_executive: str = UNCHANGED,
    version: int | None = None,
) -> Contract:  # fmt: skip
    """Changes who answers for the contract. Raises Invalid, NotFound, Conflict."""
    with write(actor, "contracts.update") as tx:
        contract = tx.lock(Contract, contract_id, version=version)
        rules.require("update", contract.status)
        if csm_id is not UNCHANGED:
            require_colleague(csm_id)
            contract.csm_id = csm_id
        if account_executive is not UNCHANGED:
            contract.account_executive = rules.clean_text("account_executive", account_executive)
    return contract


def terminate(
    actor: Actor, contract_id: UUID, *, ended_on: date | None = None, reason: str, version: int | None = None
) -> Contract:
    """Ends it early; `ended_on` is its last day, without one today. A draft is given up: it never ran.

    What is in force until a later day is measured and invoiced until then. Raises Invalid, NotFound, Conflict.
    """
    with write(actor, "contracts.terminate", reason=reason) as tx:
        contract = tx.lock(Contract, contract_id, version=version)
        rules.require("terminate", contract.status)
        contract.ended_on = _last_day(tx, contract, ended_on)
        contract.status, contract.termination_reason = "terminated", _reason(reason)
        tx.note(number=contract.number, ended_on=contract.ended_on)
    return contract


def _reason(text: str) -> str:
    return rules.clean_text("reason", text)


def _last_day(tx: Transaction, contract: Contract, wanted: date | None) -> date:
    never = contract.starts_on - rules.DAY
    if contract.status == "draft":
        if wanted not in (None, never):
            raise Invalid("A draft never ran, so it has no last day. Leave the day out.")
        return never
    ends_on = steps.latest(tx, contract.id).ends_on
    ended_on = wanted or min(max(rules.today_in(contract.time_zone, tx.now), never), ends_on)
    rules.require_end(ended_on, starts_on=contract.starts_on, ends_on=ends_on)
    return ended_on


def expire(actor: Actor, *, at_once: int = AT_ONCE) -> int:
    """Ends contracts whose last day is over in their zone and that nobody renewed; for the clock. Returns how many."""
    with write(actor, "contracts.expire") as tx:
        tx.lock_many(Contract, [row.id for row in tx.session.execute(sources.over(tx.now, limit=at_once))])
        # Once locked they are looked at again: somebody may have renewed one in the meantime.
        ends = {row.id: row.ends_on for row in tx.session.execute(sources.over(tx.now, limit=at_once))}
        contracts = tx.lock_many(Contract, ends)
        for contract in contracts:
            contract.status, contract.ended_on = "expired", ends[contract.id]
    return len(contracts)
