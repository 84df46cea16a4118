"""The audit trail: nobody can change it through the portal, and whoever does past it is found."""

from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import create_engine, text

from core.access.audit import queries, sealing, verifying
from core.kernel.actor import Actor
from core.kernel.errors import Denied
from core.kernel.reads import read
from core.kernel.settings import settings
from tests.core.customers.test_tenants import make

SYSTEM = Actor.system("test")


@pytest.fixture
def trail(committed_db, committed_raw):
    """Six sealed entries in two seals, and the owner's SQL with the guards off, as an intruder would have it."""
    for number in range(6):
        make(SYSTEM, f"T{number}")
        if number in (2, 5):
            assert sealing.seal(SYSTEM).last_position == number + 1

    owner = create_engine(committed_db)

    def tamper(statement: str, **values: object) -> None:
        with owner.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(statement), values)

    tamper.ids = [row.entry_id for row in committed_raw("SELECT entry_id FROM audit_digest ORDER BY position")]
    yield tamper
    owner.dispose()


def test_sound_trail_is_sound(trail):
    make(SYSTEM, "later")
    proof = verifying.verify(SYSTEM)
    assert (proof.finding, proof.sealed, proof.unsealed) == (None, 6, 1)


def test_edited_entry_is_named(trail):
    trail("UPDATE audit_entry SET reason = 'nothing to see' WHERE id = :id", id=trail.ids[3])
    finding = verifying.verify(SYSTEM).finding
    assert (finding.kind, finding.position, finding.entry_id) == ("edited", 4, trail.ids[3])


def test_deleted_entry_is_named(trail):
    trail("DELETE FROM audit_entry WHERE id = :id", id=trail.ids[1])
    finding = verifying.verify(SYSTEM).finding
    assert (finding.kind, finding.position, finding.entry_id) == ("deleted", 2, trail.ids[1])


def test_deleted_entry_with_its_digest_is_found(trail):
    trail("DELETE FROM audit_entry WHERE id = :id", id=trail.ids[1])
    trail("DELETE FROM audit_digest WHERE entry_id = :id", id=trail.ids[1])
    finding = verifying.verify(SYSTEM).finding
    assert (finding.kind, finding.position) == ("deleted", 2)


def test_reordered_entries_are_named(trail):
    """Two entries change places in time: both still say what they said, but not when."""
    trail(
        "UPDATE audit_entry e SET occurred_at = o.occurred_at, xid = o.xid FROM audit_entry o"
        " WHERE (e.id, o.id) IN ((CAST(:a AS uuid), CAST(:b AS uuid)), (CAST(:b AS uuid), CAST(:a AS uuid)))",
        a=trail.ids[1], b=trail.ids[4],
    )  # fmt: skip
    finding = verifying.verify(SYSTEM).finding
    assert (finding.kind, finding.position, finding.entry_id) == ("reordered", 2, trail.ids[1])


def test_truncated_tail_is_found_by_the_seal(trail):
    trail("DELETE FROM audit_entry WHERE id = ANY(:ids)", ids=trail.ids[4:])
    trail("DELETE FROM audit_digest WHERE position > 4")
    finding = verifying.verify(SYSTEM).finding
    assert (finding.kind, finding.position) == ("truncated", 5)


def test_tail_truncated_with_its_seal_is_found_by_the_seal_kept_outside(trail, tmp_path, monkeypatch):
    monkeypatch.setenv("SEAL_FILE", str(tmp_path / "seals.jsonl"))
    settings.cache_clear()
    make(SYSTEM, "last")
    sealing.keep_outside(sealing.seal(SYSTEM))
    trail("DELETE FROM audit_entry WHERE id NOT IN (SELECT entry_id FROM audit_digest WHERE position <= 6)")
    trail("DELETE FROM audit_digest WHERE position > 6")
    trail("DELETE FROM audit_seal WHERE number = 3")
    assert verifying.verify(SYSTEM).finding is None
    finding = verifying.verify(SYSTEM, anchor=sealing.read_anchor(tmp_path / "seals.jsonl")).finding
    assert (finding.kind, finding.position) == ("truncated", 7)


def test_newest_seal_is_mailed_where_that_is_asked_for(trail, mailbox, monkeypatch):
    monkeypatch.setenv("SEAL_MAIL_TO", "auditor@example.com")
    settings.cache_clear()
    make(SYSTEM, "last")
    made = sealing.seal(SYSTEM)
    sealing.keep_outside(made)
    assert mailbox.mails[0].rcpt_tos == ["auditor@example.com"]
    assert made.digest.encode() in mailbox.mails[0].content.replace(b"=\r\n", b"")


def test_trail_rewritten_as_a_whole_is_found_by_the_seal_kept_outside(trail, committed_raw):
    kept = committed_raw("SELECT digest FROM audit_digest WHERE position = 6")[0].digest.hex()
    trail("UPDATE audit_entry SET actor_name = 'somebody else'")
    for table in ("audit_digest", "audit_seal"):
        trail(f"DELETE FROM {table}")
    again = sealing.seal(SYSTEM)
    assert verifying.verify(SYSTEM).finding is None
    finding = verifying.verify(SYSTEM, anchor=again._replace(digest=kept)).finding
    assert (finding.kind, finding.position) == ("edited", 6)


def test_entry_smuggled_in_before_the_seal_is_found(trail):
    stray = uuid4()
    trail(
        "INSERT INTO audit_entry SELECT (jsonb_populate_record(e, jsonb_build_object('id', CAST(:id AS text)))).*"
        " FROM audit_entry e WHERE id = :old",
        id=str(stray), old=trail.ids[0],
    )  # fmt: skip
    finding = verifying.verify(SYSTEM).finding
    assert (finding.kind, finding.entry_id) == ("inserted", stray)


def test_entry_of_a_transaction_in_flight_is_sealed_by_the_next_pass(committed_db, committed_raw):
    make(SYSTEM, "before")
    owner = create_engine(committed_db)
    with owner.connect() as slow:
        slow.execute(text("CREATE TEMP TABLE held AS SELECT pg_current_xact_id()"))
        make(SYSTEM, "after")
        assert sealing.seal(SYSTEM).last_position == 1  # what began after the slow transaction waits for it
        slow.rollback()
    owner.dispose()
    assert sealing.seal(SYSTEM).last_position == 2
    assert sealing.seal(SYSTEM) is None
    assert verifying.verify(SYSTEM).finding is None


def test_many_entries_are_sealed_in_batches(committed_db, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 2)
    for number in range(5):
        make(SYSTEM, f"T{number}")
    positions = []
    while (made := sealing.seal(SYSTEM)) is not None:
        positions.append(made.last_position)
    assert positions[-1] == 5
    assert len(positions) >= 2
    assert verifying.verify(SYSTEM).finding is None


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET reason = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
def test_even_the_owner_cannot_change_the_trail_without_switching_the_guard_off(committed_db, committed_raw, statement):
    make(SYSTEM)
    with pytest.raises(Exception, match="append-only") as caught:
        committed_raw(statement)
    assert isinstance(caught.value.orig, psycopg.errors.RaiseException)


def test_app_role_may_only_insert_and_select(db, raw):
    rights = raw(
        "SELECT privilege_type FROM information_schema.role_table_grants"
        " WHERE table_name = 'audit_entry' AND grantee = 'quarterdeck_app'"
    )
    assert {row.privilege_type for row in rights} == {"INSERT", "SELECT"}


def test_search_pages_and_filters_within_the_actors_scope(db, raw, actor_of):
    admin = actor_of("admin", name="Ann")
    mine, other = make(admin, "Mine"), make(admin, "Other")
    assert list(queries.entries(admin, queries.Filters(entity_id=mine.id)).frame["action"]) == ["tenants.create"]
    assert len(queries.entries(admin, queries.Filters(action="tenants.")).frame) == 2
    assert queries.entries(admin, queries.Filters(outcome="denied")).frame.empty
    page = queries.entries(admin, queries.Filters(), limit=1)
    assert len(page.frame) == 1
    assert page.next
    limited = actor_of("client_success", grants=frozenset({"audit:read"}))
    raw("INSERT INTO tenant_assignment VALUES (:o, :t, now())", o=limited.operator_id, t=other.id)
    assert list(queries.entries(limited, queries.Filters()).frame["tenant_id"]) == [str(other.id)]


def test_trail_is_closed_to_those_without_the_right(db, actor_of, system):
    make(system)
    with pytest.raises(Denied):
        queries.entries(actor_of("support"), queries.Filters())
    with pytest.raises(Denied):
        verifying.verify(actor_of("support"))
    from sqlalchemy import select

    from core.kernel.audit import AuditEntry

    with read(actor_of("support")) as rx:
        assert rx.frame(select(AuditEntry.id)).empty
