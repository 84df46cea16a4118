"""What the tenants pay: the last word of the ledger, and the invoices paid of late."""

from datetime import datetime

from sqlalchemy import ColumnElement, Subquery, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from core.customers.invoices.models import Invoice
from core.customers.subscriptions.models import MrrChange, Subscription
from core.customers.summaries.counting import DAYS
from core.kernel.rollups import start_of


def money(moment: datetime) -> Subquery:
    """mrr, revenue_30d, currency: a row per tenant with a subscription. Invoices in another currency are left out."""
    ledger, paid = _ledger(moment), _paid(moment)
    return (
        select(Subscription.tenant_id, Subscription.currency, func.coalesce(ledger.c.mrr, 0).label("mrr"),
               func.coalesce(paid.c.total, 0).label("revenue_30d"))
        .outerjoin(ledger, ledger.c.tenant_id == Subscription.tenant_id)
        .outerjoin(paid, (paid.c.tenant_id == Subscription.tenant_id) & (paid.c.currency == Subscription.currency))
        .subquery("money")
    )  # fmt: skip


def _ledger(moment: datetime) -> Subquery:
    """The MRR after the last change before the moment."""
    change = MrrChange
    latest = select(change.tenant_id, change.mrr_after.label("mrr")).where(change.at <= moment)
    return (
        latest.ext(distinct_on(change.tenant_id))
        .order_by(change.tenant_id, change.at.desc(), change.id.desc())
        .subquery("ledger")
    )


def _paid(moment: datetime) -> Subquery:
    invoice, since = Invoice, start_of(moment, "day") - DAYS
    is_recent: ColumnElement[bool] = (invoice.paid_at >= since) & (invoice.paid_at <= moment)
    return (
        select(invoice.tenant_id, invoice.currency, func.sum(invoice.total).label("total"))
        .where(is_recent, invoice.status == "paid").group_by(invoice.tenant_id, invoice.currency).subquery("paid")
    )  # fmt: skip
