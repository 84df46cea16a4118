"""Amounts of resources as people read them. Pure."""

from decimal import Decimal

from core.customers.quotas.resources import Resource

_STEPS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def shown(resource: Resource, amount: Decimal | float | None) -> str:
    """With its unit; None is no limit."""
    if amount is None:
        return "no limit"
    if resource.unit == "bytes":
        return _size(float(amount))
    if resource.unit == "USD":
        return f"{float(amount):,.2f} USD"
    number = f"{float(amount):,.0f}" if float(amount) == int(amount) else f"{float(amount):,.2f}"
    return f"{number} {resource.unit}"


def _size(value: float) -> str:
    place = 0
    while abs(value) >= 1024 and place < len(_STEPS) - 1:
        value, place = value / 1024, place + 1
    return f"{value:,.0f} {_STEPS[0]}" if place == 0 else f"{value:,.1f} {_STEPS[place]}"
