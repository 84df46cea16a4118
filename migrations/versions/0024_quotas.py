"""Quotas: limits, use, overrides, requests for more."""

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    pass
