"""How messages are spoken of."""

from collections.abc import Mapping
from typing import Any

from core.reliability.communication import rules
from core.reliability.communication.audience import Reach
from pages.reliability._incidents.words import Colour

CHANNEL = {"status_page": "Status page", "mail": "Mail", "slack": "Slack and other channels"}
CHANNEL_ICONS = {"status_page": ":material/public:", "mail": ":material/mail:", "slack": ":material/forum:"}
AUDIENCE = {
    "affected": "Customers that are hit", "all": "All customers", "tenants": "Chosen customers", "internal": "Colleagues",
    "public": "Public",
}  # fmt: skip
STATUS: Mapping[str, tuple[str, Colour]] = {
    "draft": ("Draft", "gray"), "waiting": ("Waits for approval", "orange"), "approved": ("Approved", "blue"),
    "sent": ("Sent", "green"), "cancelled": ("Cancelled", "gray"),
}  # fmt: skip
COMPONENT = {
    "operational": "Operational", "degraded_performance": "Degraded performance", "partial_outage": "Partial outage",
    "major_outage": "Major outage", "under_maintenance": "Under maintenance",
}  # fmt: skip
SPANS = {None: "No promise", 15: "15 min", 30: "30 min", 60: "1 h", 120: "2 h", 240: "4 h", 480: "8 h", 1440: "24 h"}
assert set(CHANNEL) == set(rules.CHANNELS)
assert set(AUDIENCE) == set(rules.AUDIENCES)
assert set(STATUS) == set(rules.MESSAGE_STATUSES)
assert set(COMPONENT) == set(rules.COMPONENT_STATES) - {"unknown"}


def _many(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def reach(channel: str, audience: str, found: Reach) -> str:
    """One sentence that says how many people a message reaches."""
    if channel == "status_page":
        return f"Everybody sees it on the status page; {_many(found.recipients, 'subscriber', 'subscribers')} by mail."
    if channel == "slack":
        off = f"; {found.without} disabled" if found.without else ""
        return f"Reaches {_many(found.recipients, 'channel', 'channels')}{off}."
    if audience == "internal":
        return f"Reaches {_many(found.recipients, 'colleague', 'colleagues')} who have a part in the incident."
    people = _many(found.recipients, "administrator", "administrators")
    without = f" {_many(found.without, 'customer has', 'customers have')} nobody to write to." if found.without else ""
    return f"Reaches {people} of {_many(found.tenants, 'customer', 'customers')}.{without}"


def log(row: Mapping[Any, Any]) -> str:
    """What became of the deliveries, in short."""
    parts = [(row["sent"], "sent"), (row["queued"], "on their way"), (row["failed"], "not delivered")]
    return " · ".join(f"{int(count):,} {said}" for count, said in parts if count) or "Recipients are being found"


def span(minutes: int | None) -> str:
    """The time until the next word."""
    return SPANS.get(minutes, f"{minutes} min")
