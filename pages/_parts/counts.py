"""The counts of the home page. A slice that has something to look at adds its line here."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.customers.tenants import queries as tenants
from core.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Count:
    """`read` gives the number, or None when it is unknown. `file` and `query` are where the counted things are shown."""

    label: str
    help: str
    icon: str
    permission: str
    read: Callable[[Actor], int | None]
    file: str
    link: str
    query: dict[str, str] = field(default_factory=dict)


def _suspended(actor: Actor) -> int:
    return tenants.by_status(actor).get("suspended", 0)


def _trials(actor: Actor) -> int:
    return tenants.by_status(actor).get("trial", 0)


COUNTS = [
    Count(
        "Tenants suspended", "They cannot work until somebody reactivates them.", ":material/pause_circle:", "tenants:read",
        _suspended, "customers/tenants.py", "Open suspended tenants", {"status": "Suspended"},
    ),
    Count(
        "Tenants on trial", "Trials that end without a plan are lost.", ":material/hourglass_top:", "tenants:read",
        _trials, "customers/tenants.py", "Open trials", {"status": "Trial"},
    ),
]  # fmt: skip
