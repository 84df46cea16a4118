"""Operators, people and tickets for tests."""

from uuid import uuid4

from core.customers.users.models import TenantUser
from core.kernel.writes import write
from core.support.tickets import actions


def add_operator(raw, name="Ann", role="support"):
    """The id of a new operator."""
    operator_id = uuid4()
    raw("INSERT INTO operator (id, email, name, password_hash, role, is_demo, created_at, updated_at, version)"
        " VALUES (:id, :email, :name, '', :role, false, now(), now(), 1)",
        id=operator_id, email=f"{operator_id.hex}@example.com", name=name, role=role)  # fmt: skip
    return operator_id


def add_person(actor, tenant_id, name="Zoé Quinn", email="zoe@acme.example"):
    with write(actor, "users.create") as tx:
        return tx.add(TenantUser(tenant_id=tenant_id, name=name, email=email))


def open_ticket(actor, **values):
    given = {"subject": "Printer on fire", "description": "It burns.", "requester_name": "Zoé Quinn"}
    return actions.create(actor, **(given | values))


def kinds(raw, ticket_id):
    """The event log: (kind, before, after) in order."""
    rows = raw("SELECT kind, before, after FROM ticket_event WHERE ticket_id = :id ORDER BY at, id", id=ticket_id)
    return [tuple(row) for row in rows]


def row_of(raw, ticket_id):
    return raw("SELECT * FROM ticket WHERE id = :id", id=ticket_id)[0]
