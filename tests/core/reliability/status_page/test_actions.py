"""What those who keep the page do: rows, audit, events, rights."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.health.maintenance import actions as maintenance
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, ReasonRequired
from core.kernel.times import utc_now
from core.reliability.status_page import actions, queries, subscribing
from tests.core.reliability.status_page.making import SYSTEM, component, monitor


def audited(raw, action: str) -> int:
    [row] = raw("SELECT count(*) AS n FROM audit_entry WHERE action = :action AND outcome = 'done'", action=action)
    [event] = raw("SELECT count(*) AS n FROM event WHERE type = :action", action=action)
    assert row.n == event.n
    return row.n


def test_a_component_is_made_changed_set_and_taken_off(db, raw, actor_of):
    admin = actor_of("admin")
    made = actions.create_component(admin, name="  API ", group_name="Core", monitor_ids=[monitor()], services=["api"])
    assert (made.name, made.position) == ("API", 1)
    changed = actions.update_component(admin, made.id, version=made.version, description="REST")
    with pytest.raises(Conflict):
        actions.update_component(admin, made.id, version=made.version - 1, description="Late")
    actions.set_state(admin, made.id, state="major_outage", reason="The provider is down", version=changed.version)
    assert queries.components(admin).loc[0, ["state", "manual_reason"]].tolist() == [
        "major_outage",
        "The provider is down",
    ]
    actions.clear_state(admin, made.id)
    assert queries.components(admin).loc[0, "state"] == "operational"
    actions.archive_component(admin, made.id)
    assert queries.components(admin).empty
    for act in ("create_component", "update_component", "set_state", "clear_state", "archive_component"):
        assert audited(raw, f"status_page.{act}") == 1
    with pytest.raises(Invalid, match="taken off"):
        actions.set_state(admin, made.id, state="operational", reason="x")


def test_a_name_is_free_again_once_its_component_is_off_the_page(db):
    first = component("API")
    with pytest.raises(Invalid):
        component("api")
    actions.archive_component(SYSTEM, first.id)
    assert component("api").id != first.id


def test_components_are_arranged(db):
    keys = [component(name).id for name in "ABCD"]
    actions.arrange(SYSTEM, [keys[2], keys[0]])
    assert list(queries.components(SYSTEM)["name"]) == ["C", "A", "B", "D"]
    with pytest.raises(NotFound):
        actions.arrange(SYSTEM, [uuid4()])


@pytest.mark.parametrize(
    ("values", "field"),
    [({"name": " "}, "name"), ({"name": "x" * 81}, "name"), ({"description": "x" * 301}, "description"),
     ({"monitor_ids": ["x"]}, "monitor_ids"), ({"manual_state": "operational"}, "manual_state")],
)  # fmt: skip
def test_bad_fields_are_named(db, values, field):
    with pytest.raises(Invalid) as error:
        component(**({"name": "API"} | values))
    assert field in error.value.fields and queries.components(SYSTEM).empty


def test_a_monitor_must_be_known_and_a_reason_given(db):
    with pytest.raises(NotFound):
        component(monitor_ids=[uuid4()])
    made = component()
    with pytest.raises(ReasonRequired):
        actions.set_state(SYSTEM, made.id, state="operational", reason=" ")
    with pytest.raises(Invalid):
        actions.set_state(SYSTEM, made.id, state="unknown", reason="x")


def test_who_only_reads_changes_nothing(db, actor_of):
    reader, made = actor_of("support"), component()
    assert len(queries.components(reader)) == 1
    for act in (
        lambda: actions.create_component(reader, name="B"),
        lambda: actions.archive_component(reader, made.id),
        lambda: actions.render(reader),
        lambda: actions.remove_subscriber(reader, uuid4(), reason="x"),
    ):
        with pytest.raises(Denied):
            act()
    with pytest.raises(Denied):
        queries.subscribers(actor_of("hotline_operator"))


def test_a_window_is_announced_edited_withdrawn_and_announced_again(db, raw):
    soon = utc_now() + timedelta(hours=1)
    window, one = maintenance.create(SYSTEM, title="W", starts_at=soon, duration_s=600), component()
    assert list(queries.unannounced(SYSTEM)["id"]) == [str(window.id)]
    made = actions.announce(SYSTEM, window.id, title="Upgrade", component_ids=[one.id])
    assert queries.unannounced(SYSTEM).empty
    with pytest.raises(Invalid, match="announced already"):
        actions.announce(SYSTEM, window.id, title="Twice")
    actions.update_announcement(SYSTEM, made.id, version=made.version, body="More")
    actions.withdraw(SYSTEM, made.id)
    assert queries.announcements(SYSTEM).empty
    assert actions.announce(SYSTEM, window.id, title="Again").id == made.id
    assert [audited(raw, f"status_page.{act}") for act in ("announce", "update_announcement", "withdraw")] == [2, 1, 1]
    maintenance.cancel(SYSTEM, window.id, reason="x")
    other = maintenance.create(SYSTEM, title="Gone", starts_at=soon, duration_s=600)
    maintenance.cancel(SYSTEM, other.id, reason="x")
    with pytest.raises(Invalid, match="cancelled or over"):
        actions.announce(SYSTEM, other.id, title="No")


def test_an_address_is_forgotten_and_the_audit_does_not_keep_it(db, raw, actor_of):
    subscribing.ask(SYSTEM, "someone.private@example.com")
    page = queries.subscribers(actor_of("admin"))
    shown = page.frame.loc[0]
    assert shown["email"].startswith("s…@example.com") and shown["status"] == "pending"
    [row] = raw("SELECT id FROM status_subscriber")
    actions.remove_subscriber(actor_of("admin"), row.id, reason="Asked us to")
    assert not raw("SELECT 1 FROM status_subscriber") and not raw("SELECT 1 FROM status_mail")
    assert audited(raw, "status_page.remove_subscriber") == 1
    for table in ("audit_entry", "event"):
        assert not raw(f"SELECT 1 FROM {table} AS told WHERE told::text LIKE '%private%'")
