"""What people say of an impact instead of what was computed, and why. What was computed stays, and is shown with it."""

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from core.customers.tenants.queries import require_bindable
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write
from core.reliability.incidents import changes, rules, timeline
from core.reliability.incidents.impact_figures import COMPUTED, COUNTED, NEEDS, TENANT
from core.reliability.incidents.models import Incident, IncidentCorrection

MOST = 2**53  # what JSON holds exactly


def correct(actor: Actor, incident_id: UUID, *, field: str, value: Any, reason: str) -> IncidentCorrection:
    """Says another figure: a whole number, of money a list of {"currency", "amount"}; None takes the computed one back.

    Raises Invalid, Denied for money that the actor may not see, NotFound."""
    with write(actor, "incidents.correct", reason=reason) as tx:
        rules.one_of("field", field, COMPUTED)
        if field in NEEDS and not actor.may(NEEDS[field]):
            sentence = f"Only who has {NEEDS[field]} corrects this figure."
            raise Invalid(sentence, {"field": sentence})
        cleaned = None if value is None else {"value": _cleaned(field, value)}
        incident = tx.lock(Incident, incident_id)
        shown = "as computed" if cleaned is None else _shown(field, cleaned["value"])
        return _store(tx, incident, field, cleaned, reason, f"{field.replace('_', ' ').capitalize()}: {shown}")


def set_tenant(
    actor: Actor, incident_id: UUID, *, tenant_id: UUID, is_affected: bool, reason: str
) -> IncidentCorrection:
    """Says that a tenant is hit, or that it is not, whatever the data say. Raises Invalid, NotFound."""
    with write(actor, "incidents.set_tenant", reason=reason) as tx:
        require_bindable(actor, tenant_id)
        incident = tx.lock(Incident, incident_id)
        told = "A customer is hit" if is_affected else "A customer is not hit"
        made = _store(tx, incident, f"{TENANT}{tenant_id}", {"is_affected": is_affected}, reason, told)
        changes.look(tx, incident)
        return made


def _store(
    tx: Transaction, incident: Incident, field: str, value: dict[str, Any] | None, reason: str, told: str
) -> IncidentCorrection:  # fmt: skip
    why = rules.clean_text(reason, field="reason", name="reason")
    rules.require_unmerged(incident.merged_into_id)
    made = tx.add(IncidentCorrection(
        incident_id=incident.id, field=field, value=value, reason=why, by_name=tx.actor.name, created_at=tx.now
    ))  # fmt: skip
    timeline.add(tx, incident, "impact", f"{told} ({why})", field=field)
    changes.note(tx, incident, field=field)
    return made


def _cleaned(field: str, value: Any) -> Any:
    if field in COUNTED:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
            raise _bad("Give a whole number of at least 0.")
        return value
    if not isinstance(value, list) or not value:
        raise _bad("Give at least one amount with its currency.")
    amounts = {_currency(one): _amount(one) for one in value}
    if len(amounts) != len(value):
        raise _bad("Give each currency once.")
    return [{"currency": currency, "amount": str(amount)} for currency, amount in sorted(amounts.items())]


def _currency(one: Any) -> str:
    code = str(one.get("currency", "")) if isinstance(one, dict) else ""
    if len(code) != 3 or not code.isascii() or not code.isalpha() or not code.isupper():
        raise _bad("Give each currency as its three letters, such as EUR.")
    return code


def _amount(one: dict[str, Any]) -> Decimal:
    try:
        amount = Decimal(str(one.get("amount")))
    except InvalidOperation as error:
        raise _bad("Give each amount as a number.") from error
    if not amount.is_finite() or not 0 <= amount < 10**14:
        raise _bad("Give each amount as a number of at least 0.")
    return amount.quantize(Decimal("0.01"))


def _shown(field: str, value: Any) -> str:
    """Money stays out of the timeline, which more people see than the figures."""
    return f"{value:,}" if field in COUNTED else "corrected"


def _bad(sentence: str) -> Invalid:
    return Invalid(sentence, {"value": sentence})
