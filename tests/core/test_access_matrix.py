"""Every role, every action, every table: the action layer and the database agree with the permission table."""

import pytest
from sqlalchemy import text

import core.models  # noqa: F401
from core.kernel import db as kernel_db
from core.kernel.errors import Denied
from core.kernel.models import Base
from core.kernel.permissions import table as permission_table
from core.kernel.writes import write
from core.roles import ROLES

COMMANDS = {"SELECT": "read", "INSERT": "create", "UPDATE": "update", "DELETE": "delete"}


@pytest.mark.parametrize("role", ROLES)
def test_every_action_is_allowed_or_refused_as_the_table_says(db, raw, actor_of, role):
    actor = actor_of(role)
    refused = set()
    for name, rule in permission_table().items():
        allowed = rule.requires is None or actor.may(rule.requires)
        if allowed:
            with write(actor, name, reason="walk"):
                pass
        else:
            refused.add(name)
            with pytest.raises(Denied), write(actor, name, reason="walk"):
                pass
    recorded = {row.action for row in raw("SELECT action FROM audit_entry WHERE outcome = 'denied'")}
    assert recorded == refused
    assert raw("SELECT count(*) FROM audit_entry WHERE outcome = 'done'")[0].count == 0


@pytest.fixture
def policies(db, raw):
    """(table, command) -> the text of its condition."""
    rows = raw("SELECT tablename, cmd, coalesce(qual, '') || coalesce(with_check, '') AS condition FROM pg_policies")
    return {(row.tablename, row.cmd): row.condition for row in rows}


def is_own(condition: str) -> bool:
    """What an operator keeps for himself asks for no right, and is nobody else's, whatever rights he has."""
    return "operator_id = ( SELECT (NULLIF(current_setting('qd.operator'" in condition and " OR " not in condition


def test_no_table_can_be_changed_with_less_than_a_right_of_its_own(policies):
    """An open policy (`true`) is for what anybody's work leaves behind, and never for changing or removing."""
    for (table, command), condition in policies.items():
        if command in ("UPDATE", "DELETE"):
            assert "qd_may" in condition or is_own(condition), f"{command} on {table}"


@pytest.mark.parametrize("role", ROLES)
def test_database_decides_every_table_and_verb_as_the_role_is_granted(db, policies, actor_of, role):
    """Evaluates the rights that each policy asks for, in the database, under the role."""
    actor = actor_of(role)
    wrong = []
    for mapper in Base.registry.mappers:
        model = mapper.class_
        for command, verb in COMMANDS.items():
            asked = f"{model.__resource__}:{verb}"
            guarded = f"'{asked}'" in policies.get((model.__tablename__, command), "")
            if guarded and _in_database(actor, asked) is not actor.may(asked):
                wrong.append((model.__tablename__, verb))
    assert wrong == []


def _in_database(actor, permission: str) -> bool:
    with kernel_db.begun(actor) as begun:
        return bool(begun.session.execute(text("SELECT qd_may(:p)"), {"p": permission}).scalar_one())


def test_both_axes_are_data_for_all_thirteen_roles():
    assert len(ROLES) == 13
    assert {role.scope for role in ROLES.values()} == {"all", "assigned"}
    assert all(role.grants for role in ROLES.values())
