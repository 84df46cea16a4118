"""What can be done with many tenants at once: each stands for itself, and its outcome says what became of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from core.customers.tenants import rules
from core.customers.tenants.colleagues import require_colleague
from core.customers.tenants.models import Tenant
from core.customers.tenants.tagging import clean_tags
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.many import Edit, Outcome, each, present
from core.kernel.writes import Transaction, conflict, write

MOST = 500
EDITABLE = (*rules.EDITABLE, "tags", "csm_id")


def update_many(actor: Actor, edits: Sequence[Edit]) -> list[Outcome]:
    """Saves the edits of a grid in one transaction. Raises Denied, and Invalid for more than MOST."""
    wanted = {edit.id: edit for edit in edits}
    colleagues = {edit.values["csm_id"] for edit in edits if edit.values.get("csm_id")}
    unknown = {one: problem for one in colleagues if (problem := _problem_with(one))}

    def change(tenant: Tenant) -> None:
        edit = wanted[tenant.id]
        if tenant.version != edit.version:
            raise conflict(Tenant, tenant.id, since=edit.version, current=tenant.version)
        if problem := unknown.get(edit.values.get("csm_id")):
            raise problem
        for field, value in _clean(edit.values).items():
            setattr(tenant, field, value)

    with write(actor, "tenants.update_many") as tx:
        return _each(tx, list(wanted), change)


def tag_many(
    actor: Actor, tenant_ids: Iterable[UUID], *, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> list[Outcome]:
    """Puts tags on tenants and takes others off. Raises Denied, Invalid."""
    more, fewer = clean_tags(add), set(clean_tags(remove))
    if not more and not fewer:
        raise Invalid("Choose a tag to add or to remove.", {"tags": "Choose a tag."})

    def change(tenant: Tenant) -> None:
        tenant.tags = clean_tags({*tenant.tags, *more} - fewer)

    with write(actor, "tenants.tag_many") as tx:
        return _each(tx, list(tenant_ids), change)


def assign_csm_many(actor: Actor, tenant_ids: Iterable[UUID], *, csm_id: UUID | None) -> list[Outcome]:
    """Makes an operator, or nobody, answer for tenants. Raises Denied, Invalid."""
    require_colleague(csm_id)

    def change(tenant: Tenant) -> None:
        tenant.csm_id = csm_id

    with write(actor, "tenants.assign_csm_many") as tx:
        return _each(tx, list(tenant_ids), change)


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = rules.clean_edit({name: value for name, value in values.items() if name not in ("tags", "csm_id")})
    if "tags" in values:
        cleaned["tags"] = clean_tags(values["tags"] or ())
    return cleaned | {name: values[name] for name in ("csm_id",) if name in values}


def _problem_with(csm_id: UUID) -> Invalid | None:
    try:
        require_colleague(csm_id)
    except Invalid as problem:
        return problem
    return None


def _each(tx: Transaction, tenant_ids: list[UUID], change: Callable[[Tenant], None]) -> list[Outcome]:
    if len(tenant_ids) > MOST:
        raise Invalid(f"At most {MOST} tenants are changed at once. Narrow the selection.")
    rows = {row.id: row for row in tx.lock_many(Tenant, tenant_ids)}

    def act(key: UUID) -> None:
        tenant = present(rows, key, "tenant")
        rules.require_editable(tenant.status)
        change(tenant)

    return each(tx, tenant_ids, act)
