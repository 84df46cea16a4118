"""What quotas are of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resource:
    """`is_monthly`: what is used adds up within a calendar month (UTC) and begins anew; else it is a level that stands."""

    key: str
    label: str
    unit: str
    is_monthly: bool
    help: str


ALL = (
    Resource("users", "Users", "people", False, "People in service, against the seats that the subscription has."),
    Resource("storage_bytes", "Storage", "bytes", False, "What the product told last, as tenant.storage_bytes."),
    Resource("api_calls", "API calls", "calls", True, "Calls with the tenant's own API keys, this month (UTC)."),
    Resource("messages", "Messages", "messages", True, "Messages that providers took, this month (UTC)."),
    Resource("ai_spend", "AI spend", "USD", True, "What the product told as ai.spend_usd, this month (UTC)."),
)
RESOURCES = tuple(one.key for one in ALL)
MONTHLY = tuple(one.key for one in ALL if one.is_monthly)
BY_KEY = {one.key: one for one in ALL}
STORAGE_METRIC, SPEND_METRIC = "tenant.storage_bytes", "ai.spend_usd"
