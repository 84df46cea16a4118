"""Plans, subscriptions, the ledger of recurring revenue, invoices."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls

revision = "0023"
down_revision = "0022"

MONEY = sa.Numeric(14, 2)
_IN_SCOPE = f" AND {rls.in_scope('tenant_id')}"


def _any_of(*permissions: str) -> str:
    return f"({' OR '.join(map(rls.may, permissions))}){_IN_SCOPE}"


# Who makes or deletes a tenant makes or ends its subscription with it.
_CHANGES = ("subscriptions:create", "subscriptions:update", "tenants:create", "tenants:delete")
_SEES = _any_of("subscriptions:read", *_CHANGES)
_BILLS = _any_of("invoices:create", "invoices:update", *_CHANGES)
_COUNTS = "(" + " OR ".join(map(rls.may, ("invoices:create", "invoices:update", *_CHANGES))) + ")"
_KEEPS_PLANS = f"({rls.may('plans:create')} OR {rls.may('plans:update')})"


def _security() -> Iterator[str]:
    # Prices and limits are no secret; whoever works on a tenant meets them.
    yield from rls.policies("plan", select="true", insert=rls.may("plans:create"), update=rls.may("plans:update"))
    yield from rls.policies("plan_version", select=rls.may("plans:read"), insert=_KEEPS_PLANS)
    yield from rls.policies("subscription", select=_SEES, insert=_any_of(*_CHANGES), update=_any_of(*_CHANGES))
    yield from rls.policies(
        "mrr_change", select=_any_of("revenue:read", "subscriptions:read", *_CHANGES), insert=_any_of(*_CHANGES)
    )
    for table in ("invoice", "invoice_line"):
        yield from rls.policies(
            table,
            select=_any_of("invoices:read", "invoices:create", "invoices:update", *_CHANGES),
            insert=_BILLS,
            update=_BILLS,
        )
    yield from rls.policies("invoice_counter", select=_COUNTS, insert=_COUNTS, update=_COUNTS)
    yield """
CREATE FUNCTION qd_refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'The ledger is append-only: % on % is refused. Correct it by a further row.', TG_OP, TG_TABLE_NAME; END $$
"""
    for name, events, level in (("append_only", "UPDATE OR DELETE", "ROW"), ("no_truncate", "TRUNCATE", "STATEMENT")):
        yield (
            f"CREATE TRIGGER mrr_change_{name} BEFORE {events} ON mrr_change"
            f" FOR EACH {level} EXECUTE FUNCTION qd_refuse_ledger_change()"
        )


# resource -> the figure of free, basic, pro, enterprise; None is unlimited.
LIMITS = {
    "users": (5, 20, 80, 500),
    "storage_bytes": (1 << 30, 10 << 30, 100 << 30, 1 << 40),
    "api_calls": (10_000, 100_000, 1_000_000, None),
    "messages": (1_000, 20_000, 200_000, 2_000_000),
    "ai_spend": (0, 20, 200, 2_000),
}
POLICY = {
    "free": dict.fromkeys(LIMITS, "block"),
    "basic": {**dict.fromkeys(LIMITS, "notify"), "api_calls": "throttle", "ai_spend": "block"},
    "pro": {**dict.fromkeys(LIMITS, "notify"), "api_calls": "throttle", "ai_spend": "block", "users": "auto_upgrade"},
    "enterprise": dict.fromkeys(LIMITS, "notify"),
}
# key, name, price a month, price a year, each seat more a month, a year, seats, days of trial
PLANS = (
    ("free", "Free", 0, 0, 0, 0, 5, 30),
    ("basic", "Basic", 49, 490, 3, 30, 20, 14),
    ("pro", "Pro", 199, 1990, 3, 30, 80, 14),
    ("enterprise", "Enterprise", 999, 9990, 2, 20, 500, 30),
)


def _plans() -> list[dict[str, Any]]:
    names = (
        "key",
        "name",
        "price_monthly",
        "price_yearly",
        "seat_price_monthly",
        "seat_price_yearly",
        "seats",
        "trial_days",
    )
    return [
        dict(zip(names, plan, strict=True))
        | {"position": place, "currency": "USD", "is_public": True, "settings": "{}",
           "limits": json.dumps({resource: figures[place] for resource, figures in LIMITS.items()}),
           "quota_policy": json.dumps(POLICY[plan[0]])}
        for place, plan in enumerate(PLANS)
    ]  # fmt: skip


def _stamps(*, versioned: bool = True) -> list[sa.Column[Any]]:
    return [
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        *([sa.Column("version", sa.BigInteger(), nullable=False)] if versioned else []),
    ]


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _plan_tables() -> None:
    op.create_table(
        "plan",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, MONEY, nullable=False)
            for name in ("price_monthly", "price_yearly", "seat_price_monthly", "seat_price_yearly")
        ),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("seats", sa.BigInteger(), nullable=False),
        sa.Column("trial_days", sa.BigInteger(), nullable=False),
        sa.Column("limits", postgresql.JSONB(), nullable=False),
        sa.Column("quota_policy", postgresql.JSONB(), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        *_stamps(),
        _check("plan", "key", "key IN ('free', 'basic', 'pro', 'enterprise')"),
        _check(
            "plan", "prices",
            "price_monthly >= 0 AND price_yearly >= 0 AND seat_price_monthly >= 0 AND seat_price_yearly >= 0",
        ),
        _check("plan", "seats", "seats > 0"),
        _check("plan", "trial_days", "trial_days BETWEEN 0 AND 365"),
        _check("plan", "currency", "currency ~ '^[A-Z]{3}$'"),
        sa.PrimaryKeyConstraint("key", name="pk_plan"),
    )  # fmt: skip
    op.create_table(
        "plan_version",
        sa.Column("plan_key", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("values", postgresql.JSONB(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
        sa.Column("replaced_by_name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["plan_key"], ["plan.key"], name="fk_plan_version_plan_key"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_version"),
    )
    op.create_index("uq_plan_version_number", "plan_version", ["plan_key", "number"], unique=True)


def _subscription_table() -> None:
    table = "subscription"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("plan_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("seats", sa.BigInteger(), nullable=False),
        sa.Column("seats_included", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", MONEY, nullable=False),
        sa.Column("seat_price", MONEY, nullable=False),
        sa.Column("discount", sa.Numeric(5, 4), nullable=False),
        sa.Column("credit", MONEY, nullable=False),
        sa.Column("period_amount", MONEY, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trial_ends_on", sa.Date(), nullable=True),
        sa.Column("anchor_on", sa.Date(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("next_plan_key", sa.Text(), nullable=True),
        sa.Column("next_interval", sa.Text(), nullable=True),
        sa.Column("next_seats", sa.BigInteger(), nullable=True),
        sa.Column("cancels_at_period_end", sa.Boolean(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_cause", sa.Text(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        *_stamps(),
        _check(table, "status", "status IN ('trialing', 'active', 'past_due', 'cancelled')"),
        _check(table, "interval", "interval IN ('monthly', 'yearly')"),
        _check(table, "cancel_cause", "cancel_cause IN ('request', 'trial_ended', 'tenant_deleted')"),
        _check(table, "next_interval", "next_interval IN ('monthly', 'yearly')"),
        _check(table, "seats", "seats > 0 AND seats_included > 0 AND next_seats > 0"),
        _check(table, "prices", "unit_price >= 0 AND seat_price >= 0 AND credit >= 0 AND period_amount >= 0"),
        _check(table, "discount", "discount BETWEEN 0 AND 1"),
        _check(table, "period", "period_start < period_end"),
        _check(table, "trial", "status <> 'trialing' OR trial_ends_on IS NOT NULL"),
        _check(table, "cancelled", "(status = 'cancelled') = (cancelled_at IS NOT NULL)"),
        _check(table, "next", "(next_plan_key IS NULL) = (next_interval IS NULL)"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_subscription_tenant_id"),
        sa.ForeignKeyConstraint(["plan_key"], ["plan.key"], name="fk_subscription_plan_key"),
        sa.ForeignKeyConstraint(["next_plan_key"], ["plan.key"], name="fk_subscription_next_plan_key"),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
        sa.UniqueConstraint("tenant_id", name="uq_subscription_tenant_id"),
    )
    running = sa.text("status <> 'cancelled'")
    op.create_index("ix_subscription_due", table, ["period_end"], postgresql_where=running)
    op.create_index("ix_subscription_plan", table, ["plan_key", "status"])
    op.create_index("ix_subscription_created", table, ["created_at", "id"])


def _ledger_table() -> None:
    table = "mrr_change"
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mrr_before", MONEY, nullable=False),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("mrr_after", MONEY, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("plan_before", sa.Text(), nullable=True),
        sa.Column("plan_after", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        _check(table, "kind", "kind IN ('new', 'expansion', 'contraction', 'churn', 'reactivation')"),
        _check(table, "sum", "amount <> 0 AND mrr_after = mrr_before + amount AND mrr_after >= 0"),
        _check(table, "sequence", "sequence > 0 AND previous IS NOT DISTINCT FROM nullif(sequence - 1, 0)"),
        _check(table, "first", "sequence > 1 OR mrr_before = 0"),
        _check(
            table, "kind_fits",
            "CASE kind WHEN 'new' THEN mrr_before = 0 AND sequence = 1 WHEN 'reactivation' THEN mrr_before = 0 AND sequence > 1"
            " WHEN 'churn' THEN mrr_after = 0 WHEN 'expansion' THEN amount > 0 AND mrr_before > 0"
            " ELSE amount < 0 AND mrr_after > 0 END",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_mrr_change_tenant_id"),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name="fk_mrr_change_subscription_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "previous", "mrr_before"],
            ["mrr_change.tenant_id", "mrr_change.sequence", "mrr_change.mrr_after"],
            name="fk_mrr_change_chain",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mrr_change"),
        sa.UniqueConstraint("tenant_id", "sequence", "mrr_after", name="uq_mrr_change_chain"),
    )  # fmt: skip
    op.create_index("uq_mrr_change_sequence", table, ["tenant_id", "sequence"], unique=True)
    op.create_index("ix_mrr_change_at", table, ["at", "id"])
    op.create_index("ix_mrr_change_tenant", table, ["tenant_id", "at", "id"])


def _invoice_table() -> None:
    table = "invoice"
    op.create_table(
        table,
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("subtotal", MONEY, nullable=False),
        sa.Column("tax", MONEY, nullable=False),
        sa.Column("total", MONEY, nullable=False),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        *_stamps(),
        _check(table, "status", "status IN ('draft', 'open', 'paid', 'void', 'uncollectible')"),
        _check(table, "source", "source IN ('renewal', 'change', 'import', 'api', 'manual')"),
        _check(table, "number", "(status = 'draft') = (number IS NULL)"),
        _check(table, "paid", "(status = 'paid') = (paid_at IS NOT NULL)"),
        _check(table, "total", "subtotal >= 0 AND tax >= 0 AND total = subtotal + tax"),
        _check(table, "due", "due_on >= issued_on"),
        _check(table, "currency", "currency ~ '^[A-Z]{3}$'"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_invoice_tenant_id"),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name="fk_invoice_subscription_id"),
        sa.PrimaryKeyConstraint("id", name="pk_invoice"),
        sa.UniqueConstraint("number", name="uq_invoice_number"),
        sa.UniqueConstraint("external_id", name="uq_invoice_external_id"),
    )
    op.create_index("ix_invoice_tenant", table, ["tenant_id", "issued_on", "id"])
    op.create_index("ix_invoice_issued", table, ["issued_on", "id"])
    op.create_index("ix_invoice_open", table, ["due_on", "id"], postgresql_where=sa.text("status = 'open'"))
    op.create_index("ix_invoice_paid", table, ["paid_at"], postgresql_where=sa.text("status = 'paid'"))
    op.create_index("ix_invoice_created", table, ["created_at", "id"])
    renewal = sa.text("source = 'renewal' AND status <> 'void'")
    op.create_index(
        "uq_invoice_renewal", table, ["subscription_id", "period_start"], unique=True, postgresql_where=renewal
    )


def _line_tables() -> None:
    op.create_table(
        "invoice_line",
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(14, 4), nullable=False),
        sa.Column("unit_price", sa.Numeric(14, 4), nullable=False),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name="fk_invoice_line_invoice_id"),
        sa.PrimaryKeyConstraint("id", name="pk_invoice_line"),
    )
    op.create_index("uq_invoice_line_position", "invoice_line", ["invoice_id", "position"], unique=True)
    op.create_table(
        "invoice_counter",
        sa.Column("year", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_invoice_counter"),
    )


_SEED = """
INSERT INTO plan (key, name, position, price_monthly, price_yearly, seat_price_monthly, seat_price_yearly, currency, seats,
 trial_days, limits, quota_policy, settings, is_public, created_at, updated_at, version)
VALUES (:key, :name, :position, :price_monthly, :price_yearly, :seat_price_monthly, :seat_price_yearly, :currency, :seats,
 :trial_days, CAST(:limits AS jsonb), CAST(:quota_policy AS jsonb), CAST(:settings AS jsonb), :is_public, now(), now(), 1)
"""


def upgrade() -> None:
    for make in (_plan_tables, _subscription_table, _ledger_table, _invoice_table, _line_tables):
        make()
    for statement in _security():
        op.execute(statement)
    for plan in _plans():
        op.get_bind().execute(sa.text(_SEED), plan)
