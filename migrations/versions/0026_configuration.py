"""Settings of tenants: catalogue, overrides, requests."""

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    pass
