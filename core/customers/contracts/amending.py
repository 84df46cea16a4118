"""New terms for a contract: each amendment is a further version, and those before it stay as they were."""

from datetime import date
from typing import Any
from uuid import UUID

from core.customers.contracts import rules, steps
from core.customers.contracts.models import Contract, ContractVersion
from core.kernel.actor import Actor
from core.kernel.errors import Conflict
from core.kernel.writes import Transaction, write


def amend(
    actor: Actor, contract_id: UUID, *, effective_on: date | None = None, reason: str, version: int | None = None,
    **changes: Any,
) -> ContractVersion:  # fmt: skip
    """The terms of the newest version with these changes (rules.FIELDS), from midnight of `effective_on` in its zone.

    Without a day they begin today; those of a draft always with its first day. A day in the past is allowed: what was
    measured since is then judged by the new terms. `version` is the contract's. Raises Invalid, NotFound, Conflict.
    """
    cleaned = rules.clean(changes)
    with write(actor, "contracts.amend", reason=reason) as tx:
        contract = tx.lock(Contract, contract_id, version=version)
        rules.require("amend", contract.status)
        last = steps.latest(tx, contract_id)
        begins = _effective(tx, contract, last, effective_on)
        whole = rules.settled(
            _merged(last, cleaned, contract.starts_on), starts_on=contract.starts_on, effective_on=begins
        )
        _require_change(last, whole)
        contract.updated_at = tx.now  # an amendment is a change of the contract: two at once are a conflict
        tx.note(contract_id=str(contract.id), number=last.number + 1, effective_on=begins)
        return steps.add_version(
            tx, contract, whole, number=last.number + 1, effective_on=begins, reason=rules.clean_text("reason", reason)
        )


def _merged(last: ContractVersion, changes: dict[str, Any], starts_on: date) -> dict[str, Any]:
    """A renewal day that simply follows the term goes along with a new term."""
    before = steps.terms_of(last)
    follows = last.renewal_on == rules.last_day(starts_on, last.term_months) + rules.DAY
    if follows and "term_months" in changes:
        before["renewal_on"] = None
    return before | changes


def _effective(tx: Transaction, contract: Contract, last: ContractVersion, wanted: date | None) -> date:
    if contract.status == "draft":
        return contract.starts_on
    today = rules.today_in(contract.time_zone, tx.now)
    begins = wanted or max(today, last.effective_on)
    rules.require_effective(begins, since=last.effective_on, ends_on=last.ends_on)
    return begins


def _require_change(last: ContractVersion, whole: dict[str, Any]) -> None:
    if all(getattr(last, field) == value for field, value in whole.items()):
        raise Conflict("These are the terms that the contract has already. Change something, or leave it as it is.")
