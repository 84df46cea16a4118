"""What can be done with an API key."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from core.customers.tenants.queries import require_bindable
from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.settings import settings
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.platform.keys import format, rules, verifying
from core.platform.keys.models import ApiKey


@dataclass(frozen=True, slots=True)
class Issued:
    """A row and its key in plain text, which is stored nowhere: whoever asked for it sees it this once."""

    row: ApiKey
    key: str = field(repr=False)


def create(
    actor: Actor, *, tenant_id: UUID | None, mode: str = "live", once: str | None = None, **values: Any
) -> Issued:
    """Makes a key of name, scopes, expires_at, rate_limit_per_minute and allowed_networks.

    Raises Invalid naming every bad field, Denied for more than the actor may or sees himself, NotFound for the tenant.
    """
    given = {"expires_at": None, "rate_limit_per_minute": rules.DEFAULT_RATE, "allowed_networks": []} | values
    cleaned = rules.clean({"name": "", "scopes": []} | given, now=utc_now())
    rules.require_mode(mode, cleaned["scopes"])
    with write(actor, "api_keys.create", once=once) as tx:
        rules.require_held(actor, cleaned["scopes"])
        rules.require_sight(actor, tenant_id)
        if tenant_id is not None:
            require_bindable(actor, tenant_id)
        key = format.new_key(settings().api_key_prefix, mode)
        known = {
            "prefix": settings().api_key_prefix,
            "mode": mode,
            "created_by": actor.id,
            "created_by_name": actor.name,
        }
        row = tx.add(ApiKey(tenant_id=tenant_id, **cleaned, **known, **_secret(key)))
    return Issued(row, key)


def _secret(key: str) -> dict[str, Any]:
    return {"secret_digest": crypto.digest(key), "hint": format.hint_of(key)}


def update(actor: Actor, key_id: UUID, *, version: int | None = None, **values: Any) -> ApiKey:
    """Changes name, scopes, expires_at, rate_limit_per_minute or allowed_networks of a key that is not revoked.

    Raises Invalid, Denied for a new scope that the actor does not hold, NotFound, Conflict.
    """
    with write(actor, "api_keys.update") as tx:
        row = tx.lock(ApiKey, key_id, version=version)
        rules.require_not_revoked(row.revoked_at)
        cleaned = rules.clean(_changed(row, values), now=tx.now)
        scopes = cleaned.get("scopes", row.scopes)
        rules.require_mode(row.mode, scopes)
        rules.require_held(actor, set(scopes) - set(row.scopes))
        for field_name, value in cleaned.items():
            setattr(row, field_name, value)
    verifying.forget(key_id)
    return row


def _changed(row: ApiKey, values: dict[str, Any]) -> dict[str, Any]:
    """Without the expiry that was there before: it may lie in the past, and a form sends it along."""
    same = "expires_at" in values and values["expires_at"] == row.expires_at
    return {name: value for name, value in values.items() if not (same and name == "expires_at")}


def rotate(
    actor: Actor, key_id: UUID, *, overlap: timedelta = rules.DEFAULT_OVERLAP, version: int | None = None,
    once: str | None = None,
) -> Issued:  # fmt: skip
    """Gives the key a new secret; the old one counts for the overlap, the one before it not any more.

    Raises Invalid, Denied for a key that may do what the actor may not, NotFound, Conflict.
    """
    rules.require_overlap(overlap)
    with write(actor, "api_keys.rotate", once=once) as tx:
        row = tx.lock(ApiKey, key_id, version=version)
        rules.require_active(row.revoked_at, row.expires_at, now=tx.now)
        rules.require_held(actor, row.scopes)
        rules.require_sight(actor, row.tenant_id)
        key = format.new_key(settings().api_key_prefix, row.mode)
        row.previous_digest, row.previous_expires_at = row.secret_digest, tx.now + overlap
        row.prefix, row.rotated_at = settings().api_key_prefix, tx.now
        for name, value in _secret(key).items():
            setattr(row, name, value)
    verifying.forget(key_id)
    return Issued(row, key)


def revoke(actor: Actor, key_id: UUID, *, reason: str, version: int | None = None) -> ApiKey:
    """Ends a key for good, here at once and in every other process within 5 s. Raises Invalid, NotFound, Conflict."""
    with write(actor, "api_keys.revoke", reason=reason) as tx:
        row = tx.lock(ApiKey, key_id, version=version)
        rules.require_not_revoked(row.revoked_at)
        row.revoked_at, row.revoked_by, row.revocation_reason = tx.now, actor.id, reason.strip()
    verifying.forget(key_id)
    return row
