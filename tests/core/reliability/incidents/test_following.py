"""Tickets and incidents are linked with one another; who takes a page takes the incident."""

from uuid import uuid4

import pytest

from core.kernel.errors import Denied, Invalid
from core.kernel.events import Event
from core.reliability.incidents import actions, following, merging, queries
from core.support.tickets import following as following_tickets
from core.support.tickets import links
from tests.core.reliability.incidents.given import add_alert, declare, lines, row_of
from tests.core.support.tickets.given import kinds, open_ticket


def handed(raw, system, *types):
    """Hands the newest event of these types to who follows them, twice, as the outbox may."""
    rows = raw(
        "SELECT * FROM event WHERE type = ANY (:types) ORDER BY occurred_at DESC, id DESC LIMIT 1", types=list(types)
    )
    event = Event(**{name: getattr(rows[0], name) for name in ("id", "type", "payload", "actor_name", "tenant_id")})
    for _ in range(2):
        for one in (following.follow_ticket, following_tickets.follow_incident):
            if event.type.startswith("tickets.") == (one is following.follow_ticket):
                one(system, event)


def linked(system, incident, ticket):
    """(whether the incident names the ticket, whether the ticket names the incident)."""
    here = str(ticket.id) in list(queries.links(system, incident.id, kinds=("ticket",))["target"])
    found = links.of(system, ticket.id)
    return here, str(incident.id) in list(found.loc[found["kind"] == "incident", "target"])


def test_a_link_from_the_ticket_is_answered_by_the_incident_and_taken_back(raw, system):
    made, ticket = declare(system), open_ticket(system)
    assert links.link(system, ticket.id, kind="incident", target=queries.number_of(made).lower())
    handed(raw, system, "tickets.link")
    assert linked(system, made, ticket) == (True, True)
    shown = links.of(system, ticket.id).iloc[0]
    assert (shown["title"], shown["status"]) == (f"{queries.number_of(made)} Invoices fail", "investigating")
    assert ("linked", None, queries.number_of(made)) in kinds(raw, ticket.id)
    assert [text for kind, text in lines(raw, made.id) if kind == "link"] == ["Linked ticket: QD-000001"]
    links.unlink(system, shown["id"])
    handed(raw, system, "tickets.unlink")
    assert linked(system, made, ticket) == (False, False)


@pytest.mark.parametrize("way", ["declare", "link", "merge"])
def test_a_link_from_the_incident_is_answered_by_the_ticket(raw, system, way):
    ticket = open_ticket(system)
    given = [("ticket", "QD-000001", "")]
    made = declare(system, links=given if way != "link" else [])
    if way == "link":
        actions.link(system, made.id, kind="ticket", target=str(ticket.id))
    if way == "merge":
        into = declare(system, title="Into")
        merging.merge(system, [made.id], into_id=into.id)
        made = into
    handed(raw, system, f"incidents.{way}")
    assert linked(system, made, ticket) == (True, True)
    actions.unlink(system, queries.links(system, made.id, kinds=("ticket",))["id"][0])
    handed(raw, system, "incidents.unlink")
    assert linked(system, made, ticket) == (False, False)


def test_alerts_are_linked_as_alerts_and_incidents_only_by_who_sees_them(raw, system, actor_of):
    ticket, made = open_ticket(system), declare(system)
    alert = add_alert(raw, at=made.declared_at, subject="Checkout")
    assert links.link(system, ticket.id, kind="alert", target=str(alert))
    assert list(links.of(system, ticket.id)["title"]) == ["Checkout"]
    for wrong in (str(alert), "INC-000999", "x"):
        with pytest.raises(Invalid, match="There is no incident"):
            links.link(system, ticket.id, kind="incident", target=wrong)
    unseeing = actor_of("support", grants=actor_of("support").grants - {"incidents:read"})
    with pytest.raises(Denied):
        links.link(unseeing, ticket.id, kind="incident", target=str(made.id))


def test_what_an_incident_is_linked_to_must_exist_and_be_in_sight(raw, system, actor_of):
    made = declare(system)
    for kind, target in (("alert", str(uuid4())), ("violation", "x"), ("error", "none"), ("ticket", "QD-9"),
                         ("incident", str(made.id)), ("deployment", "1"), ("flag", "none"), ("planet", "x")):  # fmt: skip
        with pytest.raises(Invalid):
            actions.link(system, made.id, kind=kind, target=target)
    unseeing = actor_of("support", grants=frozenset({"incidents:read", "incidents:update"}))
    alert = add_alert(raw, at=made.declared_at)
    with pytest.raises(Denied):
        actions.link(unseeing, made.id, kind="alert", target=str(alert))
    assert len(lines(raw, made.id)) == 1
    assert actions.link(system, made.id, kind="alert", target=str(alert))
    assert not actions.link(system, made.id, kind="alert", target=str(alert))
    assert list(queries.linked_to(system, "alert", [str(alert)])["reference"]) == [queries.number_of(made)]


def test_who_takes_the_page_takes_the_incident_once(raw, system):
    made = declare(system)
    event = Event(id=uuid4(), type="on_call.acknowledge", payload={"incident_id": str(made.id)}, actor_name="Ann")
    for _ in range(2):
        following.take(system, event)
    assert row_of(raw, made.id).acknowledged_at is not None
    assert lines(raw, made.id)[1:] == [("status", "Acknowledged by Ann, who was paged")]
    following.take(system, Event(id=uuid4(), type="x", payload={"incident_id": str(uuid4())}, actor_name="Ann"))
