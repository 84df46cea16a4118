"""Row-level security: no table without it, and the database agrees with the permission table for every role."""

import pytest
from sqlalchemy import text

import core.models  # noqa: F401
from core.kernel import db as kernel_db
from core.kernel.models import Base
from core.kernel.permissions import table as permission_table
from core.roles import ROLES
from tests.core.kernel.test_writes import make_tenant

VERBS = {
    "read": "SELECT 1 FROM tenant",
    "create": "INSERT INTO tenant (id, name, domain, status, tier, region, seats, created_at, updated_at, version)"
    " VALUES (gen_random_uuid(), 'n', 'n.example', 'active', 'pro', 'EU', 1, now(), now(), 1) RETURNING 1",
    "update": "UPDATE tenant SET seats = seats RETURNING 1",
    "delete": "DELETE FROM tenant RETURNING 1",
}


def test_every_table_is_under_row_level_security(db, raw):
    bare = raw(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        " AND NOT relispartition AND NOT relrowsecurity AND relname NOT LIKE 'procrastinate%' AND relname <> 'alembic_version'"
    )
    assert [row.relname for row in bare] == []


def test_every_tenant_owned_table_has_policies_that_ask_for_the_tenant(db, raw):
    """Fails for a new table with a tenant_id column and no policy on it."""
    owned = {name for name, table in Base.metadata.tables.items() if "tenant_id" in table.columns}
    rows = raw("SELECT tablename, qual, with_check FROM pg_policies WHERE cmd = 'SELECT'")
    guarded = {row.tablename for row in rows if "tenant_id" in (row.qual or "")}
    assert owned - guarded <= {"event"}  # the outbox is for the portal itself alone
    assert len(owned) >= 4


def test_app_role_owns_nothing(db, raw):
    assert raw("SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = 'quarterdeck_app'") == []
    assert not raw(
        "SELECT rolsuper OR rolbypassrls OR rolcanlogin AS x FROM pg_roles WHERE rolname = 'quarterdeck_app'"
    )[0].x


@pytest.mark.parametrize("role", ROLES)
def test_database_agrees_with_the_role_for_every_verb(db, raw, actor_of, system, role):
    tenant = make_tenant(system)
    actor = actor_of(role)
    raw("INSERT INTO tenant_assignment VALUES (:o, :t, now())", o=actor.operator_id, t=tenant.id)
    for verb, statement in VERBS.items():
        # A new row is visible to its maker only with the right to read it, and a change finds only what it may read.
        wanted = actor.may(f"tenants:{verb}") and not (verb == "create" and actor.scope == "assigned")
        assert _works(actor, statement) is wanted, f"{role} {verb}"


def _works(actor, statement: str) -> bool:
    with kernel_db.begun(actor) as begun:
        try:
            return bool(begun.session.execute(text(statement)).first())
        except Exception as error:  # noqa: BLE001
            assert "row-level security" in str(error) or "foreign key" in str(error), error
            return "foreign key" in str(error)


def test_every_action_names_a_permission_of_a_known_resource():
    resources = {mapper.class_.__resource__ for mapper in Base.registry.mappers}
    for name, rule in permission_table().items():
        if rule.requires and rule.requires != "*":
            assert rule.requires.partition(":")[0] in resources, name
