"""Reads of the tenants' people. Names and addresses are masked for those without users:pii, in every one of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import ColumnElement, Text, and_, case, cast, column, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.customers.tenants.models import Tenant
from core.customers.users import masking, words
from core.customers.users.models import TenantUser, UserInvitation
from core.customers.users.rules import InvitationState
from core.data.exports.streaming import frames
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, as_id, read

INVITATION = case(
    (UserInvitation.id.is_(None), None),
    (UserInvitation.accepted_at.is_not(None), "accepted"),
    (UserInvitation.expires_at <= func.now(), "expired"),
    (UserInvitation.outcome.in_(("failed", "no mail server")), "failed"),
    else_="pending",
).label("invitation")
COLUMNS = (
    TenantUser.id, TenantUser.tenant_id, TenantUser.email, TenantUser.name, TenantUser.is_admin,
    TenantUser.created_at, TenantUser.last_seen_at, TenantUser.deactivated_at, TenantUser.version,
    func.coalesce(Tenant.owner_id == TenantUser.id, False).label("is_owner"), INVITATION,
    case((UserInvitation.accepted_at.is_(None), UserInvitation.expires_at)).label("invitation_expires_at"),
)  # fmt: skip
SHOWN = (*COLUMNS, Tenant.name.label("tenant"), UserInvitation.outcome.label("invitation_mail"))
TOLD = (
    TenantUser.id, TenantUser.name, TenantUser.email, TenantUser.tenant_id, Tenant.name.label("tenant"),
    TenantUser.is_admin, TenantUser.deactivated_at.is_(None).label("is_active"), TenantUser.created_at,
    TenantUser.last_seen_at, TenantUser.deactivated_at, INVITATION,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """`text` finds starts of words of a name, an address or a tenant, or an id. None and nothing do not filter."""

    text: str = ""
    tenant_id: UUID | None = None
    is_admin: bool | None = None
    is_active: bool | None = None
    invitations: tuple[InvitationState, ...] = ()


# By name of the order: its column, and whether the largest come first.
SORTS: dict[str, tuple[Any, bool]] = {
    "newest": (TenantUser.created_at, True), "oldest": (TenantUser.created_at, False),
    "seen last": (TenantUser.last_seen_at, True), "not seen longest": (TenantUser.last_seen_at, False),
}  # fmt: skip


def _people(*columns: Any) -> AnySelect:
    """Of a person's invitations the current one; a tenant that is not in sight leaves the person without its name."""
    current = and_(UserInvitation.user_id == TenantUser.id, UserInvitation.replaced_at.is_(None))
    return (
        select(*columns)
        .select_from(TenantUser)
        .outerjoin(Tenant, Tenant.id == TenantUser.tenant_id)
        .outerjoin(UserInvitation, current)
    )


def matches(text: str) -> ColumnElement[bool]:
    """The condition that a person is whom `text` looks for; with nothing to look for, nobody is.

    The database finds the ids (qd_users_found), because row-level security keeps such a search away from every index.
    """
    key = as_id(text)
    if key:
        return or_(TenantUser.id == key, TenantUser.tenant_id == key)
    found = func.qd_users_found(text.strip(), cast(words.split(text), ARRAY(Text())))
    return TenantUser.id.in_(select(column("id")).select_from(found.table_valued("id").render_derived()))


def search(actor: Actor, text: str, *, limit: int = 5) -> pd.DataFrame:
    """For the search box, by name; empty without users:read or without text.

    Columns: id, name, email, tenant_id, tenant, deactivated_at.
    """
    columns = (TenantUser.id, TenantUser.name, TenantUser.email, TenantUser.tenant_id, Tenant.name.label("tenant"))
    found = (
        select(*columns, TenantUser.deactivated_at)
        .outerjoin(Tenant, Tenant.id == TenantUser.tenant_id)
        .where(matches(text))
        .order_by(func.lower(TenantUser.name), TenantUser.id)
    )
    with read(actor, timeout_ms=1_000) as rx:
        return masking.masked(
            actor, rx.frame(found.limit(limit if words.split(text) and actor.may("users:read") else 0))
        )


def _narrow(statement: AnySelect, filters: Filters) -> AnySelect:
    if filters.text.strip():
        statement = statement.where(matches(filters.text))
    if filters.tenant_id is not None:
        statement = statement.where(TenantUser.tenant_id == filters.tenant_id)
    if filters.is_admin is not None:
        statement = statement.where(TenantUser.is_admin.is_(filters.is_admin))
    if filters.is_active is not None:
        gone = TenantUser.deactivated_at
        statement = statement.where(gone.is_(None) if filters.is_active else gone.is_not(None))
    return statement.where(INVITATION.in_(filters.invitations)) if filters.invitations else statement


def listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """People of the tenants in sight, newest first: COLUMNS. Raises Denied."""
    require(actor, "users:read")
    keys = [TenantUser.created_at, TenantUser.id]
    with read(actor) as rx:
        page = rx.listing(_narrow(_people(*COLUMNS), filters), keys=keys, after=after, limit=limit)
    return Listing([masking.masked_row(actor, row) for row in page.rows], page.next)


def directory(
    actor: Actor, filters: Filters, *, sort: str = "newest", after: str | None = None, limit: int = 50
) -> Page:
    """One row per person of the tenants in sight, in the order `sort` of SORTS, those without the time last: COLUMNS,
    tenant (its name) and invitation_mail (what became of the mail). Times in UTC. Raises Denied."""
    require(actor, "users:read")
    key, descending = SORTS[sort]
    people = _narrow(_people(*SHOWN), filters)
    with read(actor) as rx:
        page = rx.page(
            people, keys=[key, TenantUser.id], after=after, limit=limit, descending=descending,
            nulls_last=key is TenantUser.last_seen_at,
        )  # fmt: skip
    return Page(masking.masked(actor, page.frame), page.next)


def export(actor: Actor, filters: Filters) -> Iterator[pd.DataFrame]:
    """The same people in parts, for a file: id, name, email, tenant_id, tenant, is_admin, is_active, created_at,
    last_seen_at, deactivated_at, invitation. Raises Denied."""
    require(actor, "users:read")
    newest_first = _narrow(_people(*TOLD), filters).order_by(TenantUser.created_at.desc(), TenantUser.id.desc())
    for frame in frames(actor, newest_first):
        yield masking.masked(actor, frame)


def one(actor: Actor, user_id: UUID) -> dict[str, Any]:
    """One of them: COLUMNS. Raises Denied, and NotFound for one that is not in sight."""
    require(actor, "users:read")
    with read(actor) as rx:
        found = rx.one(_people(*COLUMNS).where(TenantUser.id == user_id))
    if found is None:
        raise NotFound("This user does not exist, or is not among those you may see.")
    return masking.masked_row(actor, found._asdict())


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one tenant's people; an active one takes a seat."""

    active: int
    deactivated: int
    admins: int
    invited: int


def counts(actor: Actor, tenant_id: UUID) -> Counts:
    """Active and deactivated people, active administrators, and invitations that wait. Raises Denied."""
    require(actor, "users:read")
    active = TenantUser.deactivated_at.is_(None)
    counted = _people(
        func.count().filter(active), func.count().filter(~active), func.count().filter(active, TenantUser.is_admin),
        func.count().filter(active, INVITATION == "pending"),
    )  # fmt: skip
    with read(actor) as rx:
        row = rx.one(counted.where(TenantUser.tenant_id == tenant_id))
    assert row is not None  # an aggregate without groups is one row
    return Counts(*row)
