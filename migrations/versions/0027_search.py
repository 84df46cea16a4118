"""What the search over everything looks things up by; and trials, which a subscription forgets when they end."""

import sqlalchemy as sa
from alembic import op

from core.kernel import rls

revision = "0027"
down_revision = "0026"

# Under row-level security no operator but a leakproof one reaches an index, and neither a search for words nor one for the
# start of a text is that. So keys are found here, as the owner but for the actor's grants and tenants alone, and the rows are
# read under the policies afterwards. Each step is left out when the better ones have found enough already.
_FUNCTION = """
CREATE FUNCTION {name}(given text, query tsquery, most integer) RETURNS TABLE (key uuid, rank integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    low text := lower(given);
    high text := lower(given) || chr(1114111);
    known integer;
    found integer := 0;
BEGIN
    IF NOT qd_may('{permission}') THEN RETURN; END IF;
{steps}
END $$
"""
_STEP = """
    RETURN QUERY SELECT id, {rank} FROM {table} WHERE ({condition}) AND {scope}{order} LIMIT most;
    GET DIAGNOSTICS known = ROW_COUNT;
    found := found + known;
    IF found >= most THEN RETURN; END IF;
"""
_ONLY_WHOLE = "    IF NOT qd_may('users:pii') THEN RETURN; END IF;\n"


def _starts(column: str) -> str:
    """The start of a text as a range, which an index bears whatever the plan; no letter of `given` is a pattern."""
    return f"lower({column}) ~>=~ low AND lower({column}) ~<~ high"


def _steps(table: str, scope_of: str, ranked: list[tuple[int, str, str]], after_whole: str = "") -> str:
    scope = rls.in_scope(scope_of)
    made = [
        _STEP.format(
            rank=rank, table=table, condition=condition, scope=scope, order=f" ORDER BY {order}" if order else ""
        )
        for rank, condition, order in ranked
    ]
    return made[0] + after_whole + "".join(made[1:])


TENANTS = _steps(
    "tenant", "id",
    [
        (0, "lower(domain) = low OR lower(name) = low", ""),
        (1, f"({_starts('name')}) OR ({_starts('domain')})", "lower(name)"),
        (2, "qd_words(name || ' ' || domain) @@ query", ""),
        (3, "position(low IN lower(name || ' ' || domain)) > 0", ""),
    ],
)  # fmt: skip
USERS = _steps(
    "tenant_user", "tenant_id",
    [
        (0, "lower(email) = low", ""),
        (1, _starts("name"), "lower(name) USING ~<~"),
        (2, "qd_words(name || ' ' || email) @@ query", ""),
    ],
    after_whole=_ONLY_WHOLE,
)  # fmt: skip
INVOICES = _steps(
    "invoice", "tenant_id",
    [
        (0, "lower(number) = low OR lower(external_id) = low", ""),
        (1, _starts("number"), "lower(number) USING ~<~"),
        (1, _starts("external_id"), "lower(external_id) USING ~<~"),
        (2, "qd_words(coalesce(number, '') || ' ' || coalesce(external_id, '')) @@ query", ""),
    ],
)  # fmt: skip
# In the transaction that begins or ends the trial, whichever way that is done.
TRIALS = (
    """
CREATE FUNCTION qd_keep_trial() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.status = 'trialing' THEN
        INSERT INTO subscription_trial (tenant_id, started_at, plan_key, currency)
        VALUES (NEW.tenant_id, NEW.started_at, NEW.plan_key, NEW.currency)
        ON CONFLICT (tenant_id, started_at) DO UPDATE SET ended_at = NULL, outcome = NULL;
    ELSE
        UPDATE subscription_trial SET ended_at = now(), outcome =
            CASE WHEN NEW.status = 'cancelled' THEN 'cancelled' WHEN NEW.unit_price > 0 THEN 'converted' ELSE 'expired' END
        WHERE tenant_id = NEW.tenant_id AND ended_at IS NULL;
    END IF;
    RETURN NULL;
END $$
""",
    (
        "CREATE TRIGGER subscription_keeps_trial_begun AFTER INSERT ON subscription FOR EACH ROW"
        " WHEN (NEW.status = 'trialing') EXECUTE FUNCTION qd_keep_trial()"
    ),
    (
        "CREATE TRIGGER subscription_keeps_trial AFTER UPDATE OF status ON subscription FOR EACH ROW"
        " WHEN (OLD.status <> NEW.status AND 'trialing' IN (OLD.status, NEW.status)) EXECUTE FUNCTION qd_keep_trial()"
    ),
)
FUNCTIONS = (
    ("qd_search_tenants", "tenants:read", TENANTS),
    ("qd_search_users", "users:read", USERS),
    ("qd_search_invoices", "invoices:read", INVOICES),
)


def upgrade() -> None:
    words = "qd_words(coalesce(number, '') || ' ' || coalesce(external_id, ''))"
    op.create_index(
        "ix_tenant_words", "tenant", [sa.literal_column("qd_words(name || ' ' || domain)")], postgresql_using="gin"
    )
    op.create_index("ix_invoice_words", "invoice", [sa.literal_column(words)], postgresql_using="gin")
    op.create_index("ix_invoice_number", "invoice", [sa.literal_column("lower(number) text_pattern_ops")])
    op.create_index("ix_invoice_external", "invoice", [sa.literal_column("lower(external_id) text_pattern_ops")])
    for name, permission, steps in FUNCTIONS:
        op.execute(_FUNCTION.format(name=name, permission=permission, steps=steps))
    _trials()


def _trials() -> None:
    op.create_table(
        "subscription_trial",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("plan_key", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('converted', 'expired', 'cancelled')", name=op.f("ck_subscription_trial_outcome")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name=op.f("ck_subscription_trial_ended")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_subscription_trial_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "started_at", name="pk_subscription_trial"),
    )
    op.create_index("ix_subscription_trial_started", "subscription_trial", ["started_at"])
    for statement in (
        *rls.observe("subscription_trial", readable_by="revenue:read", tenant_column="tenant_id"),
        *TRIALS,
    ):
        op.execute(statement)
