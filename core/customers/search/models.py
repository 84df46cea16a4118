"""Indexes of other slices' tables that the search alone needs. Its functions in the database are in migration 0027."""

from typing import cast

from sqlalchemy import Index, Table, text

from core.customers.invoices.models import Invoice
from core.customers.tenants.models import Tenant

_TENANT, _INVOICE = cast(Table, Tenant.__table__), cast(Table, Invoice.__table__)
_INVOICE_WORDS = "qd_words((coalesce(number, '') || ' ') || coalesce(external_id, ''))"

Index("ix_tenant_words", text("qd_words((name || ' ') || domain)"), postgresql_using="gin", _table=_TENANT)
Index("ix_invoice_words", text(_INVOICE_WORDS), postgresql_using="gin", _table=_INVOICE)
Index("ix_invoice_number", text("lower(number) text_pattern_ops"), _table=_INVOICE)
Index("ix_invoice_external", text("lower(external_id) text_pattern_ops"), _table=_INVOICE)
