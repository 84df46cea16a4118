"""What can be done with a tenant's settings: directly, or by a request that a second person decides."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.customers.configuration import rules
from core.customers.configuration.catalogue import Setting
from core.customers.configuration.changing import Wish, locked, put, remove, require_version, stored
from core.customers.configuration.models import TenantSetting, TenantSettingRequest
from core.customers.tenants.queries import require_bindable
from core.kernel.actor import Actor
from core.kernel.errors import Denied, Invalid, NotFound
from core.kernel.writes import Transaction, write

AT_ONCE = 500


def set_override(
    actor: Actor, tenant_id: UUID, key: str, *, value: Any, reason: str, expires_at: datetime | None = None,
    version: int | None = None,
) -> TenantSetting:  # fmt: skip
    """Gives a tenant a value of its own; one that it has already is replaced. `version` 0 is no override.

    Raises Invalid, NotFound, Conflict, and Denied for a setting that takes a second person.
    """
    setting = rules.setting_of(key)
    with write(actor, "configuration.set", reason=reason) as tx:
        rules.require_direct(setting)
        require_bindable(actor, tenant_id)
        until = rules.clean_expiry(expires_at, now=tx.now)
        why = rules.clean_reason(reason)
        wish = Wish(**stored(setting, value), reason=why, expires_at=until, by=actor.id, by_name=actor.name)
        found = locked(tx, tenant_id, key)
        require_version(found, version)
        tx.note(setting=key, expires_at=until)
        return put(tx, tenant_id, key, wish, found)


def clear_override(actor: Actor, tenant_id: UUID, key: str, *, reason: str, version: int | None = None) -> None:
    """Lets plan and default decide again. Raises NotFound without an override, Conflict, Denied as set_override."""
    setting = rules.setting_of(key)
    with write(actor, "configuration.clear", reason=reason) as tx:
        rules.require_direct(setting)
        found = locked(tx, tenant_id, key)
        require_version(found, version)
        tx.note(setting=key)
        remove(tx, found, Wish(None, None, rules.clean_reason(reason), None, actor.id, actor.name))


def propose(
    actor: Actor, tenant_id: UUID, key: str, *, operation: str = "set", value: Any = None, reason: str,
    expires_at: datetime | None = None, version: int | None = None,
) -> TenantSettingRequest:  # fmt: skip
    """Asks for a change. Raises Invalid as the change itself would, and where a request for the setting waits already."""
    setting = rules.setting_of(key)
    with write(actor, "configuration.propose", reason=reason) as tx:
        person = rules.require_person(actor.operator_id)
        require_bindable(actor, tenant_id)
        found = locked(tx, tenant_id, key)
        require_version(found, version)
        _require_none_waiting(tx, tenant_id, key)
        until = rules.clean_expiry(expires_at, now=tx.now)
        tx.note(setting=key, operation=operation)
        return tx.add(
            TenantSettingRequest(
                tenant_id=tenant_id, key=key, operation=operation, reason=rules.clean_reason(reason), expires_at=until,
                base_version=found.version if found else 0, proposed_by=person, proposed_by_name=actor.name,
                **_asked(setting, operation, value, found),
            )
        )  # fmt: skip


def _asked(setting: Setting, operation: str, value: Any, found: TenantSetting | None) -> dict[str, Any]:
    if operation not in rules.OPERATIONS:
        raise rules.bad("A request sets a value or clears the override.", "operation")
    if operation == "set":
        return dict(stored(setting, value))
    if found is None:
        raise NotFound("This tenant has no override of this setting that could be cleared.")
    return {"value": None, "secret": None}


def _require_none_waiting(tx: Transaction, tenant_id: UUID, key: str) -> None:
    here = TenantSettingRequest
    waits = select(here.proposed_by_name).where(here.tenant_id == tenant_id, here.key == key, here.outcome == "waiting")
    name = tx.session.scalar(waits)
    if name is not None:
        raise Invalid(f"A request by {name} for this setting waits already. Decide or withdraw that one first.")


def approve(actor: Actor, request_id: UUID, *, version: int | None = None) -> TenantSettingRequest:
    """Does what a colleague asked for. Raises Denied for one's own, Invalid when it is decided or its time is over,
    Conflict when the setting was changed since."""
    with write(actor, "configuration.approve") as tx:
        person = rules.require_person(actor.operator_id)
        request = tx.lock(TenantSettingRequest, request_id, version=version)
        rules.require_waiting(request.outcome)
        rules.require_other(request.proposed_by, person)
        require_bindable(actor, request.tenant_id)
        rules.clean_expiry(request.expires_at, now=tx.now)
        _apply(tx, request)
        _decide(tx, request, "approved", None)
    return request


def _apply(tx: Transaction, request: TenantSettingRequest) -> None:
    found = locked(tx, request.tenant_id, request.key)
    rules.require_same_base(request.base_version, found.version if found else 0)
    wish = Wish(
        request.value, request.secret, request.reason, request.expires_at, request.proposed_by, request.proposed_by_name,
        tx.actor.name,
    )  # fmt: skip
    if request.operation == "clear":
        remove(tx, found, wish)
        return
    # The catalogue may have changed since the request was made.
    setting = rules.setting_of(request.key)
    rules.clean(setting, request.secret if setting.is_secret else request.value)
    put(tx, request.tenant_id, request.key, wish, found)


def _decide(tx: Transaction, request: TenantSettingRequest, outcome: str, reason: str | None) -> None:
    request.outcome, request.decided_at, request.decision_reason = outcome, tx.now, reason
    request.decided_by, request.decided_by_name, request.secret = tx.actor.id, tx.actor.name, None
    tx.note(setting=request.key, operation=request.operation, request=request.id)


def reject(actor: Actor, request_id: UUID, *, reason: str, version: int | None = None) -> TenantSettingRequest:
    """Turns a colleague's request down and says why. Raises Denied for one's own, Invalid when it is decided."""
    with write(actor, "configuration.reject", reason=reason) as tx:
        person = rules.require_person(actor.operator_id)
        request = tx.lock(TenantSettingRequest, request_id, version=version)
        rules.require_waiting(request.outcome)
        rules.require_other(request.proposed_by, person)
        _decide(tx, request, "rejected", rules.clean_reason(reason))
    return request


def withdraw(actor: Actor, request_id: UUID) -> TenantSettingRequest:
    """Takes one's own request back. Raises Denied for another's, Invalid when it is decided."""
    with write(actor, "configuration.withdraw") as tx:
        request = tx.lock(TenantSettingRequest, request_id)
        rules.require_waiting(request.outcome)
        if request.proposed_by != actor.operator_id:
            raise Denied("Only who made a request can withdraw it; you can reject it.")
        _decide(tx, request, "withdrawn", None)
    return request


def expire_overrides(actor: Actor) -> int:
    """Removes overrides whose time is over, at most 500 at once. Returns how many."""
    with write(actor, "configuration.expire") as tx:
        over = select(TenantSetting).where(TenantSetting.expires_at <= tx.now).order_by(TenantSetting.id).limit(AT_ONCE)
        rows = list(tx.session.scalars(over.with_for_update(skip_locked=True)))
        for row in rows:
            wish = Wish(None, None, f"Its time was over: {row.reason}", row.expires_at, None, row.set_by_name)
            remove(tx, row, wish, change="expired")
        tx.note(settings=sorted({row.key for row in rows}))
    return len(rows)
