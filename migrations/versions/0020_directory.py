"""What the directory shows of each tenant."""

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    pass
