"""What may be said of a plan. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid

RESOURCES = ("users", "storage_bytes", "api_calls", "messages", "ai_spend")
POLICIES = ("notify", "throttle", "block", "auto_upgrade")
PRICES = ("price_monthly", "price_yearly", "seat_price_monthly", "seat_price_yearly")
EDITABLE = ("name", *PRICES, "seats", "trial_days", "limits", "quota_policy", "settings", "is_public")
MAX_PRICE = Decimal("9999999.99")
MAX_FIGURE = 10**15
MAX_SEATS = 1_000_000


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: sentence})


def _clean_name(value: Any) -> str:
    name = " ".join(str(value).split())
    if not 1 <= len(name) <= 60:
        raise _invalid("name", "Give the plan a name of 1 to 60 characters.")
    return name


def _price(field: str) -> Any:
    def clean(value: Any) -> Decimal:
        if (
            not isinstance(value, Decimal)
            or not value.is_finite()
            or not 0 <= value <= MAX_PRICE
            or value != round(value, 2)
        ):
            raise _invalid(field, f"A price is from 0 to {MAX_PRICE:,}, to the cent.")
        return value

    return clean


def _count(field: str, least: int, most: int) -> Any:
    def clean(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise _invalid(field, f"{field.replace('_', ' ').capitalize()} is a whole number from {least} to {most:,}.")
        return value

    return clean


def _clean_limits(value: Mapping[str, Any]) -> dict[str, Any]:
    for resource, figure in value.items():
        if resource not in RESOURCES:
            raise _invalid("limits", f"{resource} is not a resource; there are {', '.join(RESOURCES)}.")
        if figure is not None and (
            isinstance(figure, bool) or not isinstance(figure, int) or not 0 <= figure <= MAX_FIGURE
        ):
            raise _invalid(
                "limits", f"The limit of {resource} is a whole number of 0 or more, or nothing for unlimited."
            )
    return dict(value)


def _clean_policy(value: Mapping[str, Any]) -> dict[str, Any]:
    for resource, policy in value.items():
        if resource not in RESOURCES or policy not in POLICIES:
            raise _invalid("quota_policy", f"For each resource choose one of {', '.join(POLICIES)}.")
    return dict(value)


def _clean_settings(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) and key for key in value):
        raise _invalid("settings", "Settings are keys with values.")
    return dict(value)


_CLEAN: Mapping[str, Any] = {
    "name": _clean_name, **{field: _price(field) for field in PRICES},
    "seats": _count("seats", 1, MAX_SEATS), "trial_days": _count("trial_days", 0, 365),
    "limits": _clean_limits, "quota_policy": _clean_policy, "settings": _clean_settings, "is_public": bool,
}  # fmt: skip


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored. Raises one Invalid that names every bad field."""
    return cleaned(values, _CLEAN)
