"""What every figure of growth is narrowed by."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from core.customers.growth import months
from core.customers.subscriptions.models import MrrChange
from core.customers.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Filters:
    """`as_of` is the last month that counts, up to its end; `regions` are those the tenants have today (none: all).

    Amounts of different currencies are never added, so there is always one.
    """

    as_of: int
    currency: str
    regions: tuple[str, ...] = ()


def counted(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions on rows of the ledger."""
    return [MrrChange.currency == filters.currency, *of_any_currency(filters)]


def of_any_currency(filters: Filters) -> list[ColumnElement[bool]]:
    """The same without the currency."""
    conditions: list[ColumnElement[bool]] = [MrrChange.at < months.start_of(filters.as_of + 1)]
    if filters.regions:
        here = select(Tenant.id).where(Tenant.region.in_(filters.regions))
        conditions.append(MrrChange.tenant_id.in_(here))
    return conditions
