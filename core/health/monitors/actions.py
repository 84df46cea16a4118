"""What can be done with a monitor."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy import update as change_of

from core.access.operators.models import Operator
from core.customers.tenants.queries import require_bindable
from core.health.monitors import rules
from core.health.monitors import settings as kinds
from core.health.monitors.addresses import require_target
from core.health.monitors.courses import Change
from core.health.monitors.models import Monitor, MonitorChange, MonitorPause, MonitorState, MonitorTenant
from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.errors import Denied, Invalid, NotFound
from core.kernel.models import Identified, uuid7
from core.kernel.permissions import require
from core.kernel.writes import Transaction, write

OVERLAP = timedelta(hours=24)
MOST_AT_ONCE = 1_000
UNCHANGED: Any = object()


@dataclass(frozen=True, slots=True)
class Made:
    """A monitor; of kind push with its token in plain text, which is shown this once."""

    monitor: Monitor
    token: str | None


def create(
    actor: Actor, *, name: str, kind: str, settings: Mapping[str, Any], tenant_ids: Sequence[UUID] = (),
    once: str | None = None, **values: Any,
) -> Made:  # fmt: skip
    """Makes a monitor, which is checked within seconds. Raises Invalid naming every bad field, Denied.

    Values: description, interval_s, timeout_s, retries, retry_interval_s, tags, owner_id, allows_private (which takes
    monitors:private). Settings: what core/health/monitors/settings.py has for the kind. Who does not see all tenants names one.
    """
    if kind not in rules.KINDS:
        raise Invalid(f"The kind is one of: {', '.join(rules.KINDS)}.", {"kind": "Choose a kind."})
    clean = _clean({"name": name} | values, kind, settings)
    _require_private(actor, clean, None)
    _require_patience({"interval_s": 60, "timeout_s": 10} | clean)
    require_target(kind, clean["settings"], allows_private=clean.get("allows_private", False))
    if not tenant_ids and actor.scope != "all":
        raise Denied("Only who sees all tenants may make a monitor that concerns none. Choose a tenant.")
    token = crypto.new_token() if kind == "push" else None
    with write(actor, "monitors.create", once=once) as tx:
        _require_owner(tx, clean.get("owner_id"))
        made = tx.add(Monitor(**clean, kind=kind, created_by=actor.id, **_of_token(tx, token)))
        tx.session.flush()
        tx.session.execute(insert(MonitorState).values(monitor_id=made.id, since=tx.now))
        _link(tx, made.id, tenant_ids)
    return Made(made, token)


def _of_token(tx: Transaction, token: str | None) -> dict[str, Any]:
    return {"token_digest": crypto.digest(token), "token_rotated_at": tx.now} if token else {}


def _clean(values: Mapping[str, Any], kind: str, settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """The values as they are stored, with settings and target where these are given. One Invalid names all bad fields."""
    problems: dict[str, str] = {}
    cleaned: dict[str, Any] = {}
    try:
        cleaned |= rules.clean(values)
    except Invalid as error:
        problems |= error.fields
    if settings is not None:
        try:
            cleaned["settings"] = kinds.clean(kind, settings)
            cleaned["target"] = kinds.target_of(kind, cleaned["settings"])
        except Invalid as error:
            problems |= error.fields
    if problems:
        raise Invalid(" ".join(problems.values()), problems)
    return cleaned


def _require_private(actor: Actor, clean: Mapping[str, Any], present: Monitor | None) -> None:
    """Private addresses are for who has the right; where somebody with it allowed them, others leave the target alone."""
    asks = clean.get("allows_private", present.allows_private if present else False)
    touches = (
        present is None or asks != present.allows_private or clean.get("settings", present.settings) != present.settings
    )
    if asks and touches:
        require(actor, "monitors:private")


def _require_patience(values: Mapping[str, Any]) -> None:
    if values["timeout_s"] > values["interval_s"]:
        sentence = "The timeout must not be longer than the interval."
        raise Invalid(sentence, {"timeout_s": sentence})


def _require_owner(tx: Transaction, owner_id: UUID | None) -> None:
    if owner_id is not None and not tx.session.scalar(_operator_exists(owner_id)):
        raise Invalid("There is no such operator.", {"owner_id": "Choose an operator."})


def _operator_exists(operator_id: UUID) -> Any:
    return select(func.count()).select_from(Operator).where(Operator.id == operator_id)


def _link(tx: Transaction, monitor_id: UUID, tenant_ids: Iterable[UUID]) -> None:
    for tenant_id in dict.fromkeys(tenant_ids):
        require_bindable(tx.actor, tenant_id)
        tx.add(MonitorTenant(monitor_id=monitor_id, tenant_id=tenant_id))


def update(
    actor: Actor, monitor_id: UUID, *, version: int, tenant_ids: Sequence[UUID] | None = None, **values: Any
) -> Monitor:
    """Changes values or the settings (all of them together); the kind stays. Raises Invalid, Conflict, Denied.

    `tenant_ids` replaces the linked tenants that the actor sees; the others stay.
    """
    given = dict(values)
    settings = given.pop("settings", None)
    with write(actor, "monitors.update") as tx:
        monitor = tx.lock(Monitor, monitor_id, version=version)
        clean = _clean(given, monitor.kind, settings)
        _require_private(actor, clean, monitor)
        _require_patience({"interval_s": monitor.interval_s, "timeout_s": monitor.timeout_s} | clean)
        if "settings" in clean or "allows_private" in clean:
            allows = clean.get("allows_private", monitor.allows_private)
            require_target(monitor.kind, clean.get("settings", monitor.settings), allows_private=allows)
        _require_owner(tx, clean.get("owner_id"))
        for field, value in clean.items():
            setattr(monitor, field, value)
        if tenant_ids is not None:
            _relink(tx, monitor_id, tenant_ids)
    return monitor


def _relink(tx: Transaction, monitor_id: UUID, tenant_ids: Sequence[UUID]) -> None:
    linked = select(MonitorTenant).where(MonitorTenant.monitor_id == monitor_id)
    present = {one.tenant_id: one for one in tx.session.scalars(linked)}
    if not tenant_ids and tx.actor.scope != "all":
        raise Denied("Only who sees all tenants may take the last tenant from a monitor.")
    _link(tx, monitor_id, [one for one in tenant_ids if one not in present])
    for tenant_id in present.keys() - set(tenant_ids):
        tx.delete(present[tenant_id])


def update_many(
    actor: Actor, monitor_ids: Sequence[UUID], *, interval_s: int | None = None, owner_id: UUID | None = UNCHANGED,
    add_tags: Sequence[str] = (), remove_tags: Sequence[str] = (),
) -> int:  # fmt: skip
    """The same change for many; returns how many changed. Raises Invalid, and NotFound when one is not in sight."""
    wanted: dict[str, Any] = {} if interval_s is None else {"interval_s": interval_s}
    wanted |= {} if owner_id is UNCHANGED else {"owner_id": owner_id}
    clean, added, removed = rules.clean(wanted), rules.clean_tags(add_tags), set(rules.clean_tags(remove_tags))
    with write(actor, "monitors.update_many") as tx:
        _require_owner(tx, clean.get("owner_id"))
        monitors = _lock_all(tx, monitor_ids)
        for monitor in monitors:
            _require_patience({"timeout_s": monitor.timeout_s, "interval_s": monitor.interval_s} | clean)
            monitor.tags = rules.clean_tags(tag for tag in (*monitor.tags, *added) if tag not in removed)
            for field, value in clean.items():
                setattr(monitor, field, value)
        return sum(1 for monitor in monitors if tx.session.is_modified(monitor))


def _lock_all(tx: Transaction, monitor_ids: Sequence[UUID]) -> list[Monitor]:
    wanted = set(monitor_ids)
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        raise Invalid(f"Choose 1 to {MOST_AT_ONCE:,} monitors.")
    found = tx.lock_many(Monitor, wanted)
    if len(found) < len(wanted):
        raise NotFound("One of these monitors does not exist, or is not among those you may see. Load the list again.")
    return found


def pause(actor: Actor, monitor_ids: Sequence[UUID], *, reason: str | None = None) -> int:
    """Stops checking; the time counts for no availability. Returns how many were not paused before."""
    with write(actor, "monitors.pause", reason=reason) as tx:
        active = [one for one in _lock_all(tx, monitor_ids) if not one.is_paused]
        for monitor in active:
            monitor.is_paused = True
        since = {"since": tx.now, "reason": (reason or "").strip()[:500] or None}
        _observe(tx, MonitorPause, [{"monitor_id": one.id, **since} for one in active])
        _turn_all(tx, active, "paused", f"paused by {actor.name}")
        return len(active)


def resume(actor: Actor, monitor_ids: Sequence[UUID]) -> int:
    """Checks again, within seconds. Returns how many were paused."""
    with write(actor, "monitors.resume") as tx:
        paused = [one for one in _lock_all(tx, monitor_ids) if one.is_paused]
        for monitor in paused:
            monitor.is_paused = False
        mine = MonitorPause.monitor_id.in_([one.id for one in paused])
        tx.session.execute(change_of(MonitorPause).where(mine, MonitorPause.until.is_(None)).values(until=tx.now))
        _turn_all(tx, paused, "unknown", f"resumed by {actor.name}")
        return len(paused)


def _turn_all(tx: Transaction, monitors: Sequence[Monitor], state: str, cause: str) -> None:
    """Notes the change of monitors that are not checked, or not yet."""
    tx.session.flush()
    mine = MonitorState.monitor_id.in_([one.id for one in monitors])
    held = tx.session.execute(select(MonitorState.monitor_id, MonitorState.state).where(mine).with_for_update()).all()
    told = {"at": tx.now, "state": state, "cause": cause}
    changes = [
        {"monitor_id": row.monitor_id, "previous": row.state if state == "paused" else "paused", **told} for row in held
    ]
    _observe(tx, MonitorChange, changes)
    anew = {"state": "unknown", "since": tx.now, "failures": 0, "checked_at": None, "due_by": None, "next_at": None}
    tx.session.execute(change_of(MonitorState).where(mine).values(anew))


def _observe(tx: Transaction, model: type[Identified], rows: Sequence[Mapping[str, Any]]) -> None:
    """Facts that follow from the action; what was done is in the audit by the monitors themselves."""
    if rows:
        tx.session.execute(insert(model), [{"id": uuid7(), **row} for row in rows])


def delete(actor: Actor, monitor_id: UUID, *, reason: str, version: int | None = None) -> None:
    """Removes the monitor; what was measured is dropped with the next clean-up."""
    with write(actor, "monitors.delete", reason=reason) as tx:
        monitor = tx.lock(Monitor, monitor_id, version=version)
        tx.note(name=monitor.name, kind=monitor.kind, target=monitor.target)
        tx.delete(monitor)


def rotate_token(actor: Actor, monitor_id: UUID) -> Made:
    """A new token for a push monitor; the one before counts for 24 hours more. Raises Invalid for another kind."""
    token = crypto.new_token()
    with write(actor, "monitors.rotate_token") as tx:
        monitor = tx.lock(Monitor, monitor_id)
        if monitor.kind != "push":
            raise Invalid("Only a monitor of kind push has a token.")
        monitor.previous_digest, monitor.previous_expires_at = monitor.token_digest, tx.now + OVERLAP
        monitor.token_digest, monitor.token_rotated_at = crypto.digest(token), tx.now
    return Made(monitor, token)


def check_now(actor: Actor, monitor_id: UUID) -> None:
    """Has the checker look within about a second. Raises Invalid for one that is paused, or that is called itself."""
    with write(actor, "monitors.check_now") as tx:
        monitor = tx.get(Monitor, monitor_id)
        if monitor.is_paused or monitor.kind == "push":
            raise Invalid("Resume the monitor first." if monitor.is_paused else "This monitor waits to be called.")
        asked = change_of(MonitorState).where(MonitorState.monitor_id == monitor_id)
        tx.bulk(asked.values(asked_at=func.clock_timestamp(), signal_at=func.clock_timestamp()))
        tx.note(monitor_id=monitor_id)


def change_state(actor: Actor, monitor_id: UUID, change: Change) -> None:
    """The checker's: the monitor went up or down. Raises NotFound for one that is gone or paused by now."""
    with write(actor, "monitors.change_state") as tx:
        monitor = tx.lock(Monitor, monitor_id)
        if monitor.is_paused:
            raise NotFound("This monitor is paused by now.")
        held = tx.lock(MonitorState, monitor_id)
        tenants = select(MonitorTenant.tenant_id).where(MonitorTenant.monitor_id == monitor_id)
        tx.session.execute(
            change_of(MonitorState)
            .where(MonitorState.monitor_id == monitor_id)
            .values(state=change.state, since=change.at)
        )
        tx.add(MonitorChange(monitor_id=monitor_id, at=change.at, state=change.state, previous=change.previous,
                             cause=change.cause))  # fmt: skip
        tx.note(
            monitor_id=monitor_id, monitor=monitor.name, kind=monitor.kind, target=monitor.target, state=change.state,
            previous=change.previous, cause=change.cause, at=change.at, tenant_ids=list(tx.session.scalars(tenants)),
            in_maintenance=held.maintenance_id is not None,
        )  # fmt: skip
