"""Plans, subscriptions, the ledger of recurring revenue, invoices."""

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    pass
