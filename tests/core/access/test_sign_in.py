"""Signing in: what decides is on the server, and says the same whatever was wrong."""

from datetime import timedelta
from random import Random

import pytest

from core.access.operators import actions as operators
from core.access.operators import demo, queries, rules
from core.access.sessions import actions
from core.access.sessions import queries as sessions
from core.access.sessions.actions import Visitor
from core.kernel.errors import Denied, Invalid, ReasonRequired
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.roles import ROLES

HERE = Visitor("browser-1", "192.0.2.1", "pytest")
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    """The real algorithm with the least work: thirteen times 0.3 s would be waited for nothing."""
    monkeypatch.setattr(rules, "COST", 4)


@pytest.fixture
def ann(db, system):
    return operators.create(system, email="Ann@Example.com", name="Ann", role="admin", password=PASSWORD)


def resolve(token: str):
    return sessions.resolve(token, request_id="r1", channel="page")


def enter() -> str:
    return actions.start(actions.sign_in("ann@example.com", PASSWORD, HERE), HERE).token


def test_sign_in_gives_a_session_with_role_grants_and_scope(ann):
    actor = resolve(enter())
    assert (actor.operator_id, actor.role, actor.scope) == (ann.id, "admin", "all")
    assert actor.grants == ROLES["admin"].grants


def test_database_holds_no_token_and_no_password(ann, raw):
    token = enter()
    rows = raw("SELECT o::text || s::text AS all FROM operator o, operator_session s")
    assert token not in rows[0].all
    assert PASSWORD not in rows[0].all
    audit = str(raw("SELECT changes FROM audit_entry"))
    assert "$2b$" not in audit
    assert "•••" in audit


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("nobody@example.com", PASSWORD),
        ("ann@example.com", "wrong"),
        ("", ""),
        ("ann@example.com", PASSWORD + "x" * 80),
    ],
)
def test_unknown_and_wrong_say_the_same_and_are_recorded(ann, raw, email, password):
    with pytest.raises(Denied) as caught:
        actions.sign_in(email, password, HERE)
    assert str(caught.value) == actions.WRONG
    entry = raw("SELECT * FROM audit_entry WHERE action = 'sessions.sign_in'")[0]
    assert (entry.outcome, entry.details["email"], str(entry.ip)) == ("denied", email, "192.0.2.1")


def test_unknown_operator_costs_a_password_check_too(ann, monkeypatch):
    checked = []
    real = rules.bcrypt.checkpw
    monkeypatch.setattr(rules.bcrypt, "checkpw", lambda *given: checked.append(1) or real(*given))
    for email in ("nobody@example.com", "ann@example.com"):
        with pytest.raises(Denied):
            actions.sign_in(email, "wrong", HERE)
    assert len(checked) == 2


def test_code_works_once_for_the_browser_that_got_it(ann):
    code = actions.sign_in("ann@example.com", PASSWORD, HERE)
    with pytest.raises(Denied, match="used already or is too old"):
        actions.start(code, Visitor("another browser"))
    assert resolve(actions.start(code, HERE).token)
    with pytest.raises(Denied):
        actions.start(code, HERE)


def test_old_code_is_refused(ann, raw):
    code = actions.sign_in("ann@example.com", PASSWORD, HERE)
    raw("UPDATE sign_in_code SET expires_at = :t", t=utc_now() - timedelta(seconds=1))
    with pytest.raises(Denied):
        actions.start(code, HERE)


def test_session_ends_by_sign_out_expiry_and_disabling(ann, raw, system):
    tokens = [enter() for _ in range(3)]
    actions.sign_out(resolve(tokens[0]))
    assert resolve(tokens[0]) is None
    raw("UPDATE operator_session SET expires_at = now() WHERE id = :id", id=resolve(tokens[1]).session_id)
    assert resolve(tokens[1]) is None
    operators.disable(system, ann.id, reason="left")
    assert resolve(tokens[2]) is None
    with pytest.raises(Denied, match="wrong"):
        actions.sign_in("ann@example.com", PASSWORD, HERE)
    operators.enable(system, ann.id)
    assert resolve(tokens[2]) is not None
    assert actions.end_all(system, ann.id) == 1
    assert resolve(tokens[2]) is None


def test_forged_token_is_nobody(ann):
    assert resolve("x" * 43) is None
    assert resolve("") is None


def test_first_operator_is_asked_for_once(db):
    assert queries.is_first_start()
    first = operators.create_first(email="boss@example.com", name="Boss", password=PASSWORD)
    assert first.role == "super_admin"
    assert not queries.is_first_start()
    with pytest.raises(Denied):
        operators.create_first(email="thief@example.com", name="Thief", password=PASSWORD)


@pytest.mark.parametrize("password", ["short", "a" * 20, "boss-boss-boss", "x" * 40 + "é" * 20])
def test_weak_passwords_are_refused_with_a_sentence(password):
    with pytest.raises(Invalid):
        rules.require_password(password, email="boss@example.com")


@pytest.mark.parametrize(
    "email", ["", "ann", "ann@", "@x.de", "ann@host", "a b@x.de", "ann@x..de", "a@" + "x" * 260 + ".de"]
)
def test_bad_addresses_are_refused(email):
    with pytest.raises(Invalid):
        rules.clean_email(email)


def test_address_is_used_once_whatever_its_case(ann, system):
    with pytest.raises(Invalid, match="already in use"):
        operators.create(system, email="ANN@example.com", name="Other", role="support", password=PASSWORD)


def test_operator_changes_neither_own_role_nor_disables_himself(ann, actor_of):
    me = actor_of("super_admin", operator_id=ann.id)
    with pytest.raises(Invalid, match="own role"):
        operators.update(me, ann.id, version=1, role="super_admin")
    with pytest.raises(Invalid, match="yourself"):
        operators.disable(me, ann.id, reason="tired")
    with pytest.raises(ReasonRequired):
        operators.disable(actor_of("super_admin"), ann.id, reason="")
    assert operators.update(me, ann.id, version=1, name="Ann B", time_zone="Europe/Berlin").name == "Ann B"


def test_admin_cannot_make_operators(db, actor_of):
    with pytest.raises(Denied):
        operators.create(actor_of("admin"), email="x@example.com", name="X", role="support", password=PASSWORD)


def test_roles_in_the_database_are_the_defaults(db, raw):
    stored: dict[str, set] = {name: set() for name in ROLES}
    for row in raw("SELECT role, permission FROM role_grant"):
        stored[row.role].add(row.permission)
    assert stored == {name: set(role.grants) for name, role in ROLES.items()}
    assert {(row.name, row.scope) for row in raw("SELECT name, scope FROM role")} == {
        (n, r.scope) for n, r in ROLES.items()
    }


def test_demo_operators_cover_every_role_and_can_sign_in(db, system):
    with write(system, "demo.seed") as tx:
        made = demo.seed(tx, Random(7), utc_now())
    assert set(made) == set(ROLES)
    listed = demo.sign_ins(system)
    assert len(listed) == 13
    email, password, _ = listed[0]
    assert actions.sign_in(email, password, HERE)
