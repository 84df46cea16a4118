"""One's own password and time zone, and the password that an administrator sets."""

import pytest

from core.access.operators import actions as operators
from core.access.operators import queries, rules
from core.access.sessions import actions
from core.access.sessions import queries as sessions
from core.access.sessions.actions import Visitor
from core.kernel.errors import Denied, Invalid, ReasonRequired

HERE = Visitor("browser-1", "192.0.2.1", "pytest")
OLD, NEW = "correct horse battery", "better staple tomorrow"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    monkeypatch.setattr(rules, "COST", 4)


@pytest.fixture
def ann(db, system):
    return operators.create(system, email="ann@example.com", name="Ann", role="support_tier_1", password=OLD)


def enter(password: str = OLD) -> str:
    return actions.start(actions.sign_in("ann@example.com", password, HERE), HERE).token


def who(token: str):
    return sessions.resolve(token, request_id="r1", channel="page")


def test_new_password_counts_and_other_sessions_end(ann, raw):
    here, elsewhere = enter(), enter()
    assert actions.change_password(who(here), current=OLD, new=NEW) == 1
    assert who(here) is not None
    assert who(elsewhere) is None
    with pytest.raises(Denied):
        enter(OLD)
    assert who(enter(NEW)).operator_id == ann.id
    changes = raw("SELECT actor_name, changes FROM audit_entry WHERE action = 'sessions.change_password'")[0]
    assert changes.actor_name == "Ann"
    assert "$2b$" not in str(changes)


def test_wrong_current_password_changes_nothing_and_is_recorded(ann, raw):
    token = enter()
    with pytest.raises(Invalid, match="current password is wrong"):
        actions.change_password(who(token), current="guess", new=NEW)
    assert raw("SELECT outcome FROM audit_entry WHERE action = 'sessions.change_password'")[0].outcome == "denied"
    assert enter(OLD)


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaaaa", "ann-ann-ann-ann-1"])
def test_weak_password_is_refused(ann, weak):
    with pytest.raises(Invalid):
        actions.change_password(who(enter()), current=OLD, new=weak)
    assert enter(OLD)


def test_administrator_sets_a_password_with_a_reason_and_ends_every_session(ann, actor_of):
    token = enter()
    with pytest.raises(Denied):
        actions.set_password(actor_of("admin"), ann.id, password=NEW, reason="lost")
    with pytest.raises(ReasonRequired):
        actions.set_password(actor_of("super_admin"), ann.id, password=NEW, reason=" ")
    assert actions.set_password(actor_of("super_admin"), ann.id, password=NEW, reason="lost") == 1
    assert who(token) is None
    assert who(enter(NEW))


def test_demo_account_keeps_its_public_password(ann, raw, actor_of):
    raw("UPDATE operator SET is_demo = true")
    with pytest.raises(Invalid, match="demo account"):
        actions.change_password(who(enter()), current=OLD, new=NEW)
    with pytest.raises(Invalid, match="demo account"):
        actions.set_password(actor_of("super_admin"), ann.id, password=NEW, reason="lost")


def test_time_zone_is_ones_own_choice(ann, raw):
    token = enter()
    operators.choose_time_zone(who(token), "Europe/Berlin")
    assert who(token).time_zone == "Europe/Berlin"
    operators.choose_time_zone(who(token), None)
    assert who(token).time_zone == ""
    with pytest.raises(Invalid, match="not a time zone"):
        operators.choose_time_zone(who(token), "Mars/Olympus")
    assert queries.own_email(who(token)) == "ann@example.com"


def test_scope_overrides_the_role_and_nobody_changes_his_own(ann, actor_of, system):
    token = enter()
    assert who(token).scope == "all"
    operators.update(system, ann.id, version=_version(system), scope="assigned")
    assert who(token).scope == "assigned"
    me = actor_of("super_admin", operator_id=ann.id)
    with pytest.raises(Invalid, match="own role or scope"):
        operators.update(me, ann.id, version=_version(system), scope=None)
    with pytest.raises(Invalid, match="no scope"):
        operators.update(system, ann.id, version=_version(system), scope="galaxy")


def _version(system) -> int:
    listed = queries.directory(system)
    return int(listed.loc[listed["email"] == "ann@example.com", "version"].iloc[0])
