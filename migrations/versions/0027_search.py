"""What the search over everything looks things up by."""

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    pass
