"""A tenant's branding for machines: names, colours, logo, domains of its own."""

import base64
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    IfMatch,
    Once,
    Out,
    Strict,
    area,
    collection,
    documented,
    entity,
    nothing,
    records,
)
from core.customers.branding import actions, included, logos, queries, rules, verifying
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound

router = area("/superadmin/tenants/{tenant_id}/branding", "branding")
PATH = "/api/v1/superadmin/tenants"

Color = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$", examples=["#0f6b80"])]
Picture = Annotated[str, Field(max_length=4 * (logos.MAX_BYTES // 3 + 2), description="PNG or JPEG in base64.")]


class ContrastOut(Out):
    """Two colours that meet. `ratio` after WCAG 2.2; `verdict` is AAA, AA or fails of text, enough or weak of other parts.
    `suggestions` maps a colour to the nearest value that would have enough."""

    pair: str
    ratio: float
    verdict: Literal["AAA", "AA", "fails", "enough", "weak"]
    suggestions: dict[str, str]


class LogoFacts(Out):
    media_type: str
    width: int
    height: int
    size_bytes: int
    digest: str
    version: int


class BrandingOut(Out):
    """Null is the product's own. `is_included`: whether the tenant's plan lets it count. Version 0: nothing was ever set."""

    tenant_id: UUID
    is_included: bool
    company_name: str | None
    support_email: str | None
    sender_name: str | None
    background_color: str | None
    text_color: str | None
    button_color: str | None
    button_text_color: str | None
    contrast: list[ContrastOut]
    logo: LogoFacts | None
    updated_at: datetime | None
    version: int


class BrandingIn(Strict):
    """The whole: what is left out or null becomes the product's own."""

    company_name: Annotated[str, Field(max_length=rules.MAX_COMPANY, examples=["Acme"])] | None = None
    support_email: Annotated[str, Field(max_length=254, examples=["help@acme.example"])] | None = None
    sender_name: Annotated[str, Field(max_length=rules.MAX_SENDER, examples=["Acme Support"])] | None = None
    background_color: Color | None = None
    text_color: Color | None = None
    button_color: Color | None = None
    button_text_color: Color | None = None


class LogoOut(LogoFacts):
    """The picture as it is kept: drawn anew from what was uploaded."""

    content: str


class LogoIn(Strict):
    content: Picture


class DomainOut(Out):
    """A domain of the tenant's own. The TXT record `record_name` with `record_value` proves it; it is looked for when the
    domain is added, then again by itself. Null: not looked for yet."""

    id: UUID
    tenant_id: UUID
    domain: str
    shown: str
    state: Literal["pending", "verified", "failed", "lost"]
    record_name: str
    record_value: str
    finding: Literal["found", "absent", "wrong", "unreachable"] | None
    told: str | None
    checked_at: datetime | None
    next_check_at: datetime | None
    verified_at: datetime | None
    lost_at: datetime | None
    added_by_name: str
    created_at: datetime
    version: int


class DomainList(Out):
    items: list[DomainOut]
    next: None


class DomainIn(Strict):
    domain: Annotated[str, Field(min_length=3, max_length=253, examples=["app.acme.example"])]


_LOGO = "logo_"


def _whole(actor: Actor, tenant_id: UUID) -> dict[str, Any]:
    row = queries.one(actor, tenant_id)
    logo = {name.removeprefix(_LOGO): row.pop(name) for name in list(row) if name.startswith(_LOGO)}
    judged = [
        {"pair": one.pair.title, "ratio": one.ratio, "verdict": one.verdict, "suggestions": one.suggestions}
        for one in rules.judge(row)
    ]
    is_included = included.is_included(actor, tenant_id)
    return {**row, "is_included": is_included, "contrast": judged, "logo": logo if logo["version"] else None}


@router.get("", response_model=BrandingOut)
def get_branding(request: Request, actor: CurrentActor, tenant_id: UUID) -> Response:
    """Names, colours with their contrast, and what is known of the logo; its version as ETag."""
    return entity(request, _whole(actor, tenant_id))


@router.put("", response_model=BrandingOut)
def put_branding(request: Request, actor: CurrentActor, tenant_id: UUID, given: BrandingIn, match: IfMatch) -> Response:
    """Replaces names and colours. Text that cannot be read on its background is refused with the nearest colours that can.

    With If-Match, 412 when somebody was faster."""
    version = match.against(lambda: int(queries.one(actor, tenant_id)["version"]))
    actions.update(actor, tenant_id, version=version, **given.model_dump())
    return entity(request, _whole(actor, tenant_id))


def _logo(actor: Actor, tenant_id: UUID) -> dict[str, Any]:
    found, version = queries.logo(actor, tenant_id), queries.one(actor, tenant_id)["logo_version"]
    if found is None:
        raise NotFound("This tenant has no logo.")
    content = base64.b64encode(found.content).decode()
    return {
        "media_type": found.media_type, "width": found.width, "height": found.height, "size_bytes": found.size_bytes,
        "digest": found.digest, "version": version, "content": content,
    }  # fmt: skip


@router.get("/logo", response_model=LogoOut)
def get_logo(request: Request, actor: CurrentActor, tenant_id: UUID) -> Response:
    """The logo, in base64."""
    return entity(request, _logo(actor, tenant_id))


@router.put("/logo", response_model=LogoOut)
def put_logo(request: Request, actor: CurrentActor, tenant_id: UUID, given: LogoIn, match: IfMatch) -> Response:
    """Replaces the logo: PNG or JPEG of at most 512 KiB and 2,000 pixels a side. Its content decides what it is."""
    try:
        content = base64.b64decode(given.content, validate=True)
    except ValueError as error:
        raise Invalid("The content is not base64.", {"content": "Send the file's bytes in base64."}) from error
    version = match.against(lambda: int(queries.one(actor, tenant_id)["logo_version"]))
    actions.set_logo(actor, tenant_id, content=content, version=version)
    return entity(request, _logo(actor, tenant_id))


@router.delete("/logo", status_code=204, response_class=Response)
def delete_logo(actor: CurrentActor, tenant_id: UUID, match: IfMatch) -> Response:
    """Removes the logo; the product's own is shown again."""
    version = match.against(lambda: int(queries.one(actor, tenant_id)["logo_version"]))
    actions.remove_logo(actor, tenant_id, version=version)
    return nothing()


@router.get("/domains", response_model=DomainList)
def list_branding_domains(request: Request, actor: CurrentActor, tenant_id: UUID) -> Response:
    """The tenant's own domains, oldest first: at most five."""
    return collection(request, records(queries.domains(actor, tenant_id)))


@router.post("/domains", status_code=201, response_model=DomainOut)
def add_branding_domain(
    request: Request, actor: CurrentActor, tenant_id: UUID, given: DomainIn, once: Once
) -> Response:
    """Adds a domain with a token of its own. An internationalised one is kept in its ASCII form."""
    row = actions.add_domain(actor, tenant_id, domain=given.domain, once=once)
    where = f"{PATH}/{tenant_id}/branding/domains/{row.id}"
    return entity(request, queries.domain(actor, row.id), status=201, location=where)


def _of_tenant(actor: Actor, tenant_id: UUID, domain_id: UUID) -> dict[str, Any]:
    found = queries.domain(actor, domain_id)
    if found["tenant_id"] != tenant_id:
        raise NotFound("This tenant does not have this domain.")
    return found


@router.get("/domains/{domain_id}", response_model=DomainOut)
def get_branding_domain(request: Request, actor: CurrentActor, tenant_id: UUID, domain_id: UUID) -> Response:
    """One domain, with its version as ETag."""
    return entity(request, _of_tenant(actor, tenant_id, domain_id))


@router.post("/domains/{domain_id}/check", response_model=DomainOut)
def check_branding_domain(request: Request, actor: CurrentActor, tenant_id: UUID, domain_id: UUID) -> Response:
    """Asks the name servers now, which takes five seconds at most."""
    _of_tenant(actor, tenant_id, domain_id)
    verifying.check(actor, domain_id)
    return entity(request, queries.domain(actor, domain_id))


@router.delete("/domains/{domain_id}", status_code=204, response_class=Response, responses=documented(428))
def remove_branding_domain(actor: CurrentActor, tenant_id: UUID, domain_id: UUID, match: IfMatch) -> Response:
    """Gives the domain up. If-Match is required."""
    match.require()
    found = _of_tenant(actor, tenant_id, domain_id)
    actions.remove_domain(actor, domain_id, version=match.against(lambda: int(found["version"])))
    return nothing()
