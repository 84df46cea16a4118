"""What can be done with a tenant's branding. Taking something away needs no plan that includes it."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.customers.branding import challenge, included, logos, rules
from core.customers.branding.challenge import Finding
from core.customers.branding.models import BrandingDomain, TenantBranding, TenantLogo
from core.customers.tenants.queries import require_bindable
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.reads import read
from core.kernel.writes import Transaction, conflict, write


def update(actor: Actor, tenant_id: UUID, *, version: int | None = None, **values: Any) -> TenantBranding:
    """Changes names and colours (rules.FIELDS); None is the product's own. `version` 0: nothing was set before.

    Raises Invalid naming every bad field, also for text that cannot be read on its background; NotFound, Conflict.
    """
    with write(actor, "branding.update") as tx:
        cleaned = rules.clean(values)
        require_bindable(actor, tenant_id)
        included.require_included(actor, tenant_id)
        row: TenantBranding = _locked(tx, TenantBranding, tenant_id, version)
        for field, value in cleaned.items():
            setattr(row, field, value)
        rules.require_readable({name: getattr(row, name) for name in rules.COLORS})
    return row


def _locked(tx: Transaction, model: Any, tenant_id: UUID, version: int | None) -> Any:
    """The tenant's row, made when there is none yet. Raises Conflict when it is not at `version`."""
    known = tx.session.scalars(select(model).where(model.tenant_id == tenant_id).with_for_update()).first()
    if version is not None and (known.version if known else 0) != version:
        raise conflict(model, tenant_id, since=version, current=known.version if known else 0)
    return known or tx.add(model(tenant_id=tenant_id))


def set_logo(actor: Actor, tenant_id: UUID, *, content: bytes, version: int | None = None) -> TenantLogo:
    """Takes a PNG or JPEG, drawn anew. Raises Invalid saying what is wrong with the file, NotFound, Conflict."""
    with write(actor, "branding.set_logo") as tx:
        logo = logos.read(content)
        require_bindable(actor, tenant_id)
        included.require_included(actor, tenant_id)
        row: TenantLogo = _locked(tx, TenantLogo, tenant_id, version)
        row.content, row.media_type, row.digest = logo.content, logo.media_type, logo.digest
        row.width, row.height, row.size_bytes = logo.width, logo.height, logo.size_bytes
    return row


def remove_logo(actor: Actor, tenant_id: UUID, *, version: int | None = None) -> None:
    """Raises NotFound when there is none, Conflict."""
    with write(actor, "branding.remove_logo") as tx:
        tx.delete(tx.lock(TenantLogo, tenant_id, version=version))


def add_domain(actor: Actor, tenant_id: UUID, *, domain: str, once: str | None = None) -> BrandingDomain:
    """Adds a domain to be verified, with a token of its own; it is looked for at once.

    Raises Invalid for what is no domain, one that is verified elsewhere or here already, and more than MOST_DOMAINS.
    """
    with write(actor, "branding.add_domain", once=once) as tx:
        cleaned = challenge.clean(domain)
        require_bindable(actor, tenant_id)
        included.require_included(actor, tenant_id)
        _require_free(actor, cleaned)
        held = set(tx.session.scalars(select(BrandingDomain.domain).where(BrandingDomain.tenant_id == tenant_id)))
        _require_room(held, cleaned)
        row = tx.add(
            BrandingDomain(
                tenant_id=tenant_id, domain=cleaned, token=challenge.new_token(), added_by_name=actor.name
            )
        )  # fmt: skip
        tx.session.flush()
        tx.enqueue("branding.check_domain", domain_id=str(row.id))
    return row


def _require_room(held: set[str], domain: str) -> None:
    if domain in held:
        raise Invalid("This tenant has the domain already.", {"domain": "This tenant has the domain already."})
    if len(held) >= challenge.MOST_DOMAINS:
        sentence = f"A tenant has at most {challenge.MOST_DOMAINS} domains. Remove one first."
        raise Invalid(sentence, {"domain": sentence})


def _require_free(actor: Actor, domain: str) -> None:
    """Read as the portal itself, because another tenant's domain may be out of sight; whose it is is not said."""
    taken = select(func.count()).where(BrandingDomain.domain == domain, BrandingDomain.state == "verified")
    with read(Actor.system("branding", request_id=actor.request_id)) as rx:
        if rx.value(taken):
            sentence = f"{domain} is verified already and belongs to one tenant at a time. Remove it there first."
            raise Invalid(sentence, {"domain": sentence})


def remove_domain(actor: Actor, domain_id: UUID, *, version: int | None = None) -> None:
    """Gives the domain up; mails and sign-in on it end. Raises NotFound, Conflict."""
    with write(actor, "branding.remove_domain") as tx:
        row = tx.lock(BrandingDomain, domain_id, version=version)
        tx.note(domain=row.domain, state=row.state)
        tx.delete(row)


def settle_domain(actor: Actor, domain_id: UUID, *, finding: Finding) -> BrandingDomain:
    """Gives the domain the state that a finding of its record asks for; no entry when that is the present one.

    A record that two tenants have counts for the first: the other's fails. Raises NotFound.
    """
    with write(actor, "branding.settle_domain") as tx:
        row = tx.lock(BrandingDomain, domain_id)
        state = challenge.next_state(row.state, finding, age=tx.now - row.created_at)
        if state == row.state:
            return row
        tx.note(domain=row.domain, before=row.state, state=state, told=finding.told)
        with tx.attempt() as attempt:
            row.state = state
            row.verified_at = tx.now if state == "verified" else row.verified_at
            row.lost_at = tx.now if state == "lost" else None
        if attempt.problem is not None:
            tx.session.refresh(row)
            row.state = "failed"
            tx.note(state="failed", told="Another tenant has verified this domain.")
    return row
