"""What can be done with many tickets at once: each stands for itself, and its outcome says what became of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from core.customers.tenants.queries import require_bindable
from core.customers.tenants.tagging import clean_tags
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError, Invalid
from core.kernel.many import Edit, Outcome, each, present
from core.kernel.writes import Transaction, conflict, write
from core.support.sla import steps
from core.support.teams import people
from core.support.teams.queries import require_team
from core.support.tickets import changes, rules
from core.support.tickets.models import Ticket

MOST = 500
EDITABLE = (*rules.EDITABLE, "assignee_id", "status")


Change = Callable[[Transaction, Ticket], object]


def update_many(actor: Actor, edits: Sequence[Edit]) -> list[Outcome]:
    """Saves the edits of a grid in one transaction. Raises Denied, and Invalid for more than MOST."""
    wanted = {edit.id: edit for edit in edits}
    problems = _problems(actor, edits)

    def change(tx: Transaction, ticket: Ticket) -> None:
        edit = wanted[ticket.id]
        if ticket.version != edit.version:
            raise conflict(Ticket, ticket.id, since=edit.version, current=ticket.version)
        for key in ("assignee_id", "team_id", "tenant_id"):
            if problem := problems.get((key, edit.values.get(key))):
                raise problem
        _edit(tx, ticket, edit.values)

    with write(actor, "tickets.update_many") as tx:
        return change_each(tx, list(wanted), change)


def assign_many(actor: Actor, ticket_ids: Iterable[UUID], *, assignee_id: UUID | None) -> list[Outcome]:
    """Gives tickets to an operator, or takes them from everybody. Raises Denied, Invalid."""
    people.require_assignable([assignee_id])

    def change(tx: Transaction, ticket: Ticket) -> None:
        rules.require_open(ticket.status)
        changes.set_assignee(tx, ticket, assignee_id)

    with write(actor, "tickets.assign_many") as tx:
        return change_each(tx, list(ticket_ids), change)


def tag_many(
    actor: Actor, ticket_ids: Iterable[UUID], *, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> list[Outcome]:
    """Puts tags on tickets and takes others off. Raises Denied, Invalid."""
    more, fewer = clean_tags(add), set(clean_tags(remove))
    if not more and not fewer:
        raise Invalid("Choose a tag to add or to remove.", {"tags": "Choose a tag."})

    def change(tx: Transaction, ticket: Ticket) -> None:
        changes.set_values(tx, ticket, rules.clean({"tags": {*ticket.tags, *more} - fewer}))

    with write(actor, "tickets.tag_many") as tx:
        return change_each(tx, list(ticket_ids), change)


def set_priority_many(actor: Actor, ticket_ids: Iterable[UUID], *, priority: str) -> list[Outcome]:
    """Gives tickets a priority, by which their clocks are computed anew. Raises Denied, Invalid."""
    cleaned = rules.clean({"priority": priority})

    def change(tx: Transaction, ticket: Ticket) -> None:
        rules.require_open(ticket.status)
        changes.set_values(tx, ticket, cleaned)

    with write(actor, "tickets.update_many") as tx:
        return change_each(tx, list(ticket_ids), change)


def set_status_many(actor: Actor, ticket_ids: Iterable[UUID], *, status: str, note: str | None = None) -> list[Outcome]:
    """Moves tickets into a state; resolving takes a note, which goes to each of their customers. Raises Denied, Invalid."""
    if status != "resolved":
        change: Change = partial(_move, wanted=rules.require_status(status))
    else:
        change = partial(_resolve, note=rules.clean_body(note, field="note", name="note"))
    with write(actor, "tickets.set_status_many") as tx:
        return change_each(tx, list(ticket_ids), change)


def _move(tx: Transaction, ticket: Ticket, *, wanted: str) -> None:
    changes.set_status(tx, ticket, wanted)


def _resolve(tx: Transaction, ticket: Ticket, *, note: str) -> None:
    rules.require_move(ticket.status, "resolved")
    changes.say(tx, ticket, note)
    changes.set_status(tx, ticket, "resolved")


def _edit(tx: Transaction, ticket: Ticket, values: Mapping[str, Any]) -> None:
    fields = {name: value for name, value in values.items() if name not in ("assignee_id", "status")}
    wanted = rules.require_status(values["status"]) if values.get("status", ticket.status) != ticket.status else None
    changes.set_values(tx, ticket, rules.clean_edit(fields))
    if wanted:
        changes.set_status(tx, ticket, wanted)
    if "assignee_id" in values:
        rules.require_open(ticket.status)
        changes.set_assignee(tx, ticket, values["assignee_id"])


def _problems(actor: Actor, edits: Sequence[Edit]) -> dict[tuple[str, Any], ExpectedError]:
    """What is wrong with the operators, teams and tenants that the edits name; each is looked at once."""
    checks: dict[str, Callable[[UUID], object]] = {
        "assignee_id": lambda one: people.require_assignable([one]), "team_id": require_team,
        "tenant_id": partial(require_bindable, actor),
    }  # fmt: skip
    named = {(key, edit.values[key]) for edit in edits for key in checks if edit.values.get(key)}
    found = {(key, value): _problem(checks[key], value) for key, value in named}
    return {one: problem for one, problem in found.items() if problem}


def _problem(check: Callable[[UUID], object], value: UUID) -> ExpectedError | None:
    try:
        check(value)
    except ExpectedError as problem:
        return problem
    return None


def change_each(tx: Transaction, ticket_ids: Sequence[UUID], change: Change) -> list[Outcome]:
    """Applies the change to each ticket on its own, then renews the clocks of all at once. Raises Invalid for too many."""
    if len(ticket_ids) > MOST:
        raise Invalid(f"At most {MOST} tickets are changed at once. Narrow the selection.")
    rows = {row.id: row for row in tx.lock_many(Ticket, ticket_ids)}
    outcomes = each(tx, ticket_ids, lambda key: change(tx, present(rows, key, "ticket")))
    done = [outcome.id for outcome in outcomes if outcome.problem is None]
    if done:
        steps.renew(tx, done)
    return outcomes
