"""Invoices by number, by their name in the system they came from, or by id."""

import pandas as pd
from sqlalchemy import Date, Text, cast, func, select

from core.customers.invoices.models import Invoice
from core.customers.search.asking import Asked
from core.customers.search.looking import PATIENCE_MS, as_rows, counted, keys, limited
from core.customers.search.sources import Source
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.reads import read

DIGITS = 6  # of a number's last part (invoices.rules.number_of)


def query(asked: Asked) -> str | None:
    """A few digits are also looked for with the zeros that nobody types: 42 is the invoice 2026-000042."""
    if asked.text.isascii() and asked.text.isdigit() and len(asked.text) < DIGITS:
        return f"{asked.query} | '{asked.text.zfill(DIGITS)}'"
    return asked.query


def find(actor: Actor, asked: Asked, limit: int) -> pd.DataFrame:
    found = keys("qd_search_invoices", asked, query(asked))
    title = func.coalesce(Invoice.number, "Draft " + func.coalesce(Invoice.external_id, ""))
    told = Invoice.status + " · " + cast(Invoice.total, Text) + " " + Invoice.currency
    subtitle = func.concat_ws(" · ", Tenant.name, told, cast(cast(Invoice.issued_on, Date), Text), Invoice.external_id)
    statement = (
        select(Invoice.id, func.btrim(title).label("title"), cast(subtitle, Text).label("subtitle"), Invoice.tenant_id,
               Tenant.name.label("tenant"), found.c.rank, counted())
        .join(found, found.c.key == Invoice.id)
        .outerjoin(Tenant, Tenant.id == Invoice.tenant_id)
        .order_by(found.c.rank, Invoice.issued_on.desc(), Invoice.id)
    )  # fmt: skip
    with read(actor, timeout_ms=PATIENCE_MS) as rx:
        return as_rows(rx.frame(limited(statement, limit)), "customers/invoices", "invoice", "id")


SOURCE = Source("invoices", "Invoices", "invoices:read", "number, outside number or id", find)
