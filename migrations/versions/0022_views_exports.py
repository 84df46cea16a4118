"""Saved views, exports, invitations of the tenants' people."""

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    pass
