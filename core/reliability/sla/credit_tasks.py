"""Credits are computed when a month is over, and again for a while; invoices tell which credits they took off."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import text

from core.customers.contracts.terms import TERMS
from core.kernel.actor import Actor
from core.kernel.events import Event, subscriber
from core.kernel.reads import read
from core.kernel.tasks import every
from core.kernel.times import utc_now
from core.reliability.sla import credit_actions, crediting
from core.reliability.sla.credit_rules import next_month, previous_month

MONTHS_AGAIN = 3

# Contracts whose month is over and judged, and that have no credit of it yet.
_UNCREDITED = text(f"""
SELECT t.contract_id FROM ({TERMS}) t
WHERE t.valid_from < CAST(:following AS timestamp) AT TIME ZONE t.time_zone
  AND t.valid_until > CAST(:month AS timestamp) AT TIME ZONE t.time_zone
  AND CAST(:following AS timestamp) AT TIME ZONE t.time_zone <= (SELECT until FROM sla_watermark)
  AND jsonb_array_length(t.credit_tiers) > 0
  AND NOT EXISTS (SELECT FROM sla_credit c WHERE c.contract_id = t.contract_id AND c.month = :month)
GROUP BY t.contract_id
""")


@every("sla_credits.compute_due", seconds=600)
def compute_due(actor: Actor) -> None:
    """Makes the drafts of a month as soon as it is over in the contract's zone and its last minute was judged."""
    month = previous_month(_latest_day())
    with read(actor) as rx:
        rows = rx.session.execute(_UNCREDITED, {"month": month, "following": next_month(month)})
        due: list[UUID] = list(rows.scalars())
    if due:
        crediting.compute(actor, month=month, contract_ids=due)


@every("sla_credits.compute_again", cron="20 3 * * *")
def compute_again(actor: Actor) -> None:
    """Computes the last months again: exclusions and amendments of a month may come after its end."""
    month = previous_month(utc_now().date())
    for _ in range(MONTHS_AGAIN):
        crediting.compute(actor, month=month)
        month = previous_month(month)


def _latest_day() -> date:
    """The day that it is where days begin first (UTC+14)."""
    return (utc_now() + timedelta(hours=14)).date()


@subscriber("contracts.invoice", name="sla_credits.settle")
def note_invoice(actor: Actor, event: Event) -> None:
    """Keeps which invoice took which credit off."""
    told = event.payload.get("credits") or {}
    if told:
        credit_actions.settle(actor, {UUID(credit): UUID(invoice) for credit, invoice in told.items()})


@subscriber("invoices.void", name="sla_credits.release")
def note_void(actor: Actor, event: Event) -> None:
    """Frees the credits of an invoice that was voided."""
    for invoice_id in event.payload.get("entity_ids") or ():
        credit_actions.release(actor, UUID(str(invoice_id)))
