"""Reads of tenants' branding."""

from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import Uuid, func, literal, select

from core.customers.branding import challenge, rules
from core.customers.branding.logos import Logo
from core.customers.branding.models import BrandingDomain, BrandingDomainCheck, TenantBranding, TenantLogo
from core.customers.tenants.queries import require_bindable
from core.customers.tenants.rules import shown_domain
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read

_FIELDS = tuple(getattr(TenantBranding, name) for name in rules.FIELDS)
_LOGO = (
    TenantLogo.media_type.label("logo_media_type"), TenantLogo.width.label("logo_width"),
    TenantLogo.height.label("logo_height"), TenantLogo.size_bytes.label("logo_size_bytes"),
    TenantLogo.digest.label("logo_digest"), func.coalesce(TenantLogo.version, 0).label("logo_version"),
)  # fmt: skip
_CHECK = (BrandingDomainCheck.checked_at, BrandingDomainCheck.finding, BrandingDomainCheck.told,
          BrandingDomainCheck.next_check_at)  # fmt: skip
_DOMAIN = (
    BrandingDomain.id, BrandingDomain.tenant_id, BrandingDomain.domain, BrandingDomain.state, BrandingDomain.token,
    BrandingDomain.created_at, BrandingDomain.verified_at, BrandingDomain.lost_at, BrandingDomain.added_by_name,
    BrandingDomain.version,
)  # fmt: skip


def one(actor: Actor, tenant_id: UUID) -> dict[str, Any]:
    """A tenant's branding: rules.FIELDS (None: the product's own), updated_at, version (0: nothing was ever set), and of
    the logo logo_media_type, logo_width, logo_height, logo_size_bytes, logo_digest, logo_version (0: none).

    Raises NotFound for a tenant that is not in sight.
    """
    require(actor, "branding:read")
    require_bindable(actor, tenant_id)
    whose = select(literal(tenant_id, Uuid()).label("tenant_id")).subquery()
    version = func.coalesce(TenantBranding.version, 0).label("version")
    found = (
        select(whose.c.tenant_id, *_FIELDS, TenantBranding.updated_at, version, *_LOGO)
        .outerjoin(TenantBranding, TenantBranding.tenant_id == whose.c.tenant_id)
        .outerjoin(TenantLogo, TenantLogo.tenant_id == whose.c.tenant_id)
    )
    with read(actor) as rx:
        return rx.rows(found)[0]._asdict()


def logo(actor: Actor, tenant_id: UUID) -> Logo | None:
    """The tenant's logo; None when it has none, or none in sight."""
    require(actor, "branding:read")
    columns = (TenantLogo.content, TenantLogo.media_type, TenantLogo.width, TenantLogo.height, TenantLogo.digest)
    with read(actor) as rx:
        found = rx.one(select(*columns).where(TenantLogo.tenant_id == tenant_id))
    return Logo(*found) if found else None


def _domains() -> AnySelect:
    return select(*_DOMAIN, *_CHECK).outerjoin(BrandingDomainCheck, BrandingDomainCheck.domain_id == BrandingDomain.id)


def _with_record(row: dict[Any, Any]) -> dict[str, Any]:
    record = {
        "shown": shown_domain(row["domain"]), "record_name": challenge.record_name(row["domain"]),
        "record_value": challenge.record_value(row["token"]),
    }  # fmt: skip
    return {name: value for name, value in row.items() if name != "token"} | record


def domains(actor: Actor, tenant_id: UUID) -> pd.DataFrame:
    """One row per domain of the tenant, oldest first.

    Columns: id, tenant_id, domain (ASCII), state, created_at, verified_at, lost_at (UTC), added_by_name, version, checked_at,
    finding, told (what the name servers said last; NA: not asked yet), next_check_at, shown (in its own letters), record_name,
    record_value (the TXT record that proves it).
    """
    require(actor, "branding:read")
    mine = (
        _domains().where(BrandingDomain.tenant_id == tenant_id).order_by(BrandingDomain.created_at, BrandingDomain.id)
    )
    with read(actor) as rx:
        found = rx.frame(mine, limit=challenge.MOST_DOMAINS)
    names = found["domain"].tolist()
    tokens = found.pop("token").tolist()
    return found.assign(
        shown=pd.Series(map(shown_domain, names), dtype="string"),
        record_name=pd.Series(map(challenge.record_name, names), dtype="string"),
        record_value=pd.Series(map(challenge.record_value, tokens), dtype="string"),
    )


def domain(actor: Actor, domain_id: UUID) -> dict[str, Any]:
    """One domain: the columns of `domains`. Raises NotFound for one that is not in sight."""
    require(actor, "branding:read")
    with read(actor) as rx:
        found = rx.one(_domains().where(BrandingDomain.id == domain_id))
    if found is None:
        raise NotFound("This domain does not exist any more, or is not among those you may see.")
    return _with_record(dict(found._asdict()))
