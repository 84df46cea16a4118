"""Invoices, their lines, and the counter of their numbers."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from core.customers.plans.models import Money
from core.kernel.models import Base, Identified, Stamped, Versioned

STATUSES = ("draft", "open", "paid", "void", "uncollectible")
SOURCES = ("renewal", "change", "import", "api", "manual", "contract")


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Invoice(Identified, Stamped, Versioned, Base):
    """What a tenant owes. A draft has no number yet; numbers are given in the order of issue and leave no gap.

    `external_id` is its name in the system that it came from: what is sent twice is kept once. The period, where there is
    one, ends the day before `period_end`.
    """

    __tablename__ = "invoice"
    __resource__ = "invoices"
    __table_args__ = (
        _one_of("status", STATUSES),
        _one_of("source", SOURCES),
        CheckConstraint("(status = 'draft') = (number IS NULL)", name="number"),
        CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name="paid"),
        CheckConstraint("subtotal >= 0 AND tax >= 0 AND total = subtotal + tax", name="total"),
        CheckConstraint("due_on >= issued_on", name="due"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        Index("ix_invoice_tenant", "tenant_id", "issued_on", "id"),
        Index("ix_invoice_issued", "issued_on", "id"),
        Index("ix_invoice_open", "due_on", "id", postgresql_where=text("status = 'open'")),
        Index("ix_invoice_paid", "paid_at", postgresql_where=text("status = 'paid'")),
        Index("ix_invoice_created", "created_at", "id"),
        Index(
            "uq_invoice_renewal", "subscription_id", "period_start", unique=True,
            postgresql_where=text("source = 'renewal' AND status <> 'void'"),
        ),
        Index(
            "uq_invoice_contract", "contract_id", "period_start", unique=True,
            postgresql_where=text("source = 'contract' AND status <> 'void'"),
        ),
    )  # fmt: skip

    number: Mapped[str | None] = mapped_column(unique=True)
    external_id: Mapped[str | None] = mapped_column(unique=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    subscription_id: Mapped[UUID | None] = mapped_column(ForeignKey("subscription.id"))
    contract_id: Mapped[UUID | None] = mapped_column(ForeignKey("contract.id"))
    source: Mapped[str]
    status: Mapped[str]
    issued_on: Mapped[date]
    due_on: Mapped[date]
    paid_at: Mapped[datetime | None]
    currency: Mapped[str]
    subtotal: Mapped[Decimal] = mapped_column(Money)
    tax: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    total: Mapped[Decimal] = mapped_column(Money)
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]


class InvoiceLine(Identified, Base):
    """One line; `amount` may be negative (a credit), the invoice's subtotal, their sum, may not."""

    __tablename__ = "invoice_line"
    __resource__ = "invoices"
    __table_args__ = (Index("uq_invoice_line_position", "invoice_id", "position", unique=True),)

    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"))
    tenant_id: Mapped[UUID]
    position: Mapped[int]
    description: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    unit_price: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    amount: Mapped[Decimal] = mapped_column(Money)


class InvoiceCounter(Base):
    """The last number of a year. The row stays locked until the invoice is committed: that is why no number is lost."""

    __tablename__ = "invoice_counter"
    __resource__ = "invoices"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
