"""Private steps that several actions share, within the transaction they are given."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from core.customers.contracts import rules
from core.customers.contracts.models import RUNNING, Contract, ContractVersion
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction


def latest(tx: Transaction, contract_id: UUID) -> ContractVersion:
    """The newest version; every contract has one."""
    mine = select(ContractVersion).where(ContractVersion.contract_id == contract_id)
    return tx.session.scalars(mine.order_by(ContractVersion.number.desc()).limit(1)).one()


def terms_of(version: ContractVersion) -> dict[str, Any]:
    """The terms in it, by field."""
    return {field: getattr(version, field) for field in rules.FIELDS}


def add_version(
    tx: Transaction, contract: Contract, terms: Mapping[str, Any], *, number: int, effective_on: date, reason: str
) -> ContractVersion:
    """Adds the version; `terms` are whole, as `rules.settled` gives them."""
    return tx.add(
        ContractVersion(
            contract_id=contract.id, tenant_id=contract.tenant_id, number=number, effective_on=effective_on, reason=reason,
            created_by=tx.actor.id, created_by_name=tx.actor.name, created_at=tx.now, **terms,
        )
    )  # fmt: skip


def require_alone(tx: Transaction, contract: Contract, ends_on: date, *, but: UUID | None = None) -> None:
    """That no other contract of the tenant runs, or did on one of these days. Raises Invalid."""
    tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"contract:{contract.tenant_id}", 40))))
    over = Contract.ended_on >= contract.starts_on
    same = select(Contract.number, Contract.status, Contract.ended_on).where(
        Contract.tenant_id == contract.tenant_id, Contract.id != contract.id, Contract.status != "draft",
        Contract.starts_on <= ends_on, or_(over, Contract.status.in_(RUNNING)),
    )  # fmt: skip
    found = tx.session.execute(same.where(Contract.id != but).limit(1) if but else same.limit(1)).first()
    if found is None:
        return
    told = f"ends on {found.ended_on}" if found.ended_on else f"is {found.status}"
    sentence = (
        f"The tenant's contract {rules.number_of(found.number)} {told}, and a tenant has one contract at a time. "
        "Renew or terminate that one, or begin later."
    )
    raise Invalid(sentence, {"starts_on": sentence})
