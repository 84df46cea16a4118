"""What belongs to one incident, for machines: timeline, links, impact, tenants that it hits, roles."""

from uuid import UUID

from fastapi import Request, Response

from api.conventions import CurrentActor, Fields, area, collection, entity, nothing, records
from api.reliability.incident_forms import (
    CorrectionIn,
    EventOut,
    Hit,
    ImpactOut,
    Linked,
    LinkIn,
    Links,
    NoteIn,
    Role,
    Roles,
    TenantsOfIncident,
    Timeline,
)
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.reliability.incidents import actions, correcting, queries

router = area("/superadmin/incidents/{incident_id}", "incidents")


@router.get("/timeline", response_model=Timeline)
def get_incident_timeline(request: Request, actor: CurrentActor, incident_id: UUID, fields: Fields) -> Response:
    """What happened, as it was collected and written, oldest first; with what was merged into it."""
    queries.one(actor, incident_id)
    rows = records(queries.events(actor, incident_id).drop(columns="created_at"))
    return collection(request, rows, None, fields=fields)


@router.post("/timeline", status_code=201, response_model=EventOut)
def add_incident_note(request: Request, actor: CurrentActor, incident_id: UUID, given: NoteIn) -> Response:
    """Writes a line into the timeline, also of what happened before."""
    event = actions.note(actor, incident_id, text=given.text, at=given.at, is_key=given.is_key)
    return entity(request, EventOut.model_validate(event), status=201)


@router.get("/links", response_model=Links)
def list_incident_links(request: Request, actor: CurrentActor, incident_id: UUID, fields: Fields) -> Response:
    """What the incident has to do with."""
    queries.one(actor, incident_id)
    return collection(request, records(queries.links(actor, incident_id)), None, fields=fields)


@router.post("/links", status_code=201, response_model=Linked)
def link_incident(request: Request, actor: CurrentActor, incident_id: UUID, given: LinkIn) -> Response:
    """Links the incident; a second time changes nothing."""
    made = actions.link(actor, incident_id, kind=given.kind, target=given.target, label=given.label)
    return entity(request, {"is_new": made}, status=201)


@router.delete("/links/{link_id}", status_code=204)
def unlink_incident(actor: CurrentActor, incident_id: UUID, link_id: UUID) -> Response:
    """Takes a link away, between incidents from both."""
    _link(actor, incident_id, link_id)
    actions.unlink(actor, link_id)
    return nothing()


def _link(actor: Actor, incident_id: UUID, link_id: UUID) -> dict[str, object]:
    found = next((one for one in records(queries.links(actor, incident_id)) if one["id"] == str(link_id)), None)
    if found is None:
        raise NotFound("This link does not exist. Read the links of the incident again.")
    return found


@router.get("/impact", response_model=ImpactOut)
def get_incident_impact(request: Request, actor: CurrentActor, incident_id: UUID) -> Response:
    """What the incident comes to, from data and from what people say instead; computed anew each minute while it runs."""
    queries.one(actor, incident_id)
    return entity(request, _impact(actor, incident_id))


@router.patch("/impact", response_model=ImpactOut)
def correct_incident_impact(request: Request, actor: CurrentActor, incident_id: UUID, given: CorrectionIn) -> Response:
    """Says another figure, with the reason; what was computed stays."""
    correcting.correct(actor, incident_id, field=given.field, value=given.value, reason=given.reason)
    return entity(request, _impact(actor, incident_id))


def _impact(actor: Actor, incident_id: UUID) -> dict[str, object]:
    known = queries.impact(actor, incident_id)
    about = {name: known[name] for name in ("computed_at", "window_start", "window_end", "hidden")}
    return about | {"figures": {field: known[field] for field in queries.COMPUTED if field in known}}


@router.get("/tenants", response_model=TenantsOfIncident)
def list_incident_tenants(request: Request, actor: CurrentActor, incident_id: UUID, fields: Fields) -> Response:
    """The tenants in your scope that it hits."""
    queries.one(actor, incident_id)
    return collection(request, records(queries.tenants(actor, incident_id)), None, fields=fields)


@router.put("/tenants/{tenant_id}", status_code=204)
def set_incident_tenant(actor: CurrentActor, incident_id: UUID, tenant_id: UUID, given: Hit) -> Response:
    """Says that a tenant is hit, or that it is not. The figures follow within seconds."""
    correcting.set_tenant(actor, incident_id, tenant_id=tenant_id, is_affected=given.is_affected, reason=given.reason)
    return nothing()


@router.get("/roles", response_model=Roles)
def list_incident_roles(request: Request, actor: CurrentActor, incident_id: UUID, fields: Fields) -> Response:
    """Who does what."""
    queries.one(actor, incident_id)
    rows = records(queries.roles(actor, incident_id).drop(columns="title"))
    return collection(request, rows, None, fields=fields)


@router.put("/roles/{role}/{operator_id}", status_code=204)
def give_incident_role(actor: CurrentActor, incident_id: UUID, role: Role, operator_id: UUID) -> Response:
    """Gives a role to an operator; a new lead replaces the one before."""
    actions.assign_role(actor, incident_id, role=role, operator_id=operator_id)
    return nothing()


@router.delete("/roles/{role}/{operator_id}", status_code=204)
def take_incident_role(actor: CurrentActor, incident_id: UUID, role: Role, operator_id: UUID) -> Response:
    """Takes the role away."""
    actions.remove_role(actor, incident_id, role=role, operator_id=operator_id)
    return nothing()
