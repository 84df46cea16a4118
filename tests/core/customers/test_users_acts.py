"""What is done with the tenants' people: access taken and given, owners and last administrators kept, invitations."""

import threading
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from core.customers.users import actions, inviting, naming, rules, tasks
from core.customers.users.models import TenantUser
from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.errors import Conflict, Denied, ExpectedError, Invalid, NotFound, ReasonRequired, Unavailable
from core.kernel.writes import write
from core.roles import ROLES
from tests.core.customers.test_tenants import make


def person(system, tenant, name, **values):
    with write(system, "users.create") as tx:
        given = {"email": f"{uuid4().hex[:8]}@{tenant.domain}", "name": name} | values
        return tx.add(TenantUser(tenant_id=tenant.id, **given))


@pytest.fixture
def acme(db, system):
    return make(system, "Acme", seats=3)


@pytest.fixture
def ann(acme, system):
    return person(system, acme, "Ann", is_admin=True)


@pytest.fixture
def bo(acme, ann, system):
    return person(system, acme, "Bo")


def test_deactivate_takes_access_and_activate_gives_it_back_with_a_trace(bo, raw, actor_of):
    admin = actor_of("admin")
    actions.deactivate(admin, bo.id, reason="Left", version=1)
    assert raw("SELECT deactivated_at IS NULL AS is_active, version FROM tenant_user WHERE id = :id", id=bo.id)[0] == (
        False,
        2,
    )
    actions.activate(admin, bo.id, version=2)
    trail = raw("SELECT action, reason, tenant_id FROM audit_entry WHERE :id = ANY (entity_ids) ORDER BY id", id=bo.id)
    assert [tuple(row) for row in trail[1:]] == [
        ("users.deactivate", "Left", bo.tenant_id),
        ("users.activate", None, bo.tenant_id),
    ]
    assert len(raw("SELECT 1 FROM event WHERE type IN ('users.deactivate', 'users.activate')")) == 2


def test_acts_are_refused_without_the_right_out_of_sight_and_in_the_wrong_state(bo, raw, actor_of):
    support, admin = actor_of("support"), actor_of("admin")
    for act in (
        partial(actions.deactivate, support, bo.id, reason="No"), partial(actions.activate, support, bo.id),
        partial(actions.deactivate_many, support, [bo.id], reason="No"), partial(actions.activate_many, support, [bo.id]),
        partial(inviting.reset_invitation, support, bo.id),
    ):  # fmt: skip
        with pytest.raises(Denied):
            act()
    stranger = actor_of("admin", scope="assigned")
    with pytest.raises(NotFound):
        actions.deactivate(stranger, bo.id, reason="No")
    assert "does not exist" in actions.deactivate_many(stranger, [bo.id], reason="No")[0].problem
    with pytest.raises(NotFound):
        inviting.reset_invitation(stranger, bo.id)
    with pytest.raises(Invalid, match="active already"):
        actions.activate(admin, bo.id)
    with pytest.raises(Conflict):
        actions.deactivate(admin, bo.id, reason="No", version=7)
    with pytest.raises(ReasonRequired):
        actions.deactivate(admin, bo.id, reason=" ")
    assert raw("SELECT version, deactivated_at FROM tenant_user WHERE id = :id", id=bo.id)[0] == (1, None)


def test_owner_and_last_administrator_keep_their_access(ann, bo, acme, system, raw, actor_of):
    admin = actor_of("admin")
    raw("UPDATE tenant SET owner_id = :bo WHERE id = :id", bo=bo.id, id=acme.id)
    with pytest.raises(Invalid, match="Bo is the owner of Acme"):
        actions.deactivate(admin, bo.id, reason="Left")
    with pytest.raises(Invalid, match="Ann is the last active administrator of Acme"):
        actions.deactivate(admin, ann.id, reason="Left")
    cid = person(system, acme, "Cid", is_admin=True)
    actions.deactivate(admin, ann.id, reason="Left")
    outcomes = actions.deactivate_many(admin, [cid.id, bo.id], reason="Left")
    assert ["last active" in str(one.problem) for one in outcomes] == [True, False]
    blind = actor_of("admin", grants=frozenset({"users:read", "users:update", "tenants:read"}))
    with pytest.raises(Invalid) as told:
        actions.deactivate(blind, cid.id, reason="Left")
    assert "Cid" not in str(told.value)


def test_another_owner_and_other_administrators_are_named(ann, bo, acme, system, raw, actor_of):
    admin = actor_of("admin")
    naming.name_owner(admin, bo.id, reason="Ann leaves", version=1)
    assert raw("SELECT owner_id FROM tenant WHERE id = :id", id=acme.id)[0].owner_id == bo.id
    assert raw("SELECT is_admin, version FROM tenant_user WHERE id = :id", id=bo.id)[0] == (True, 2)
    naming.remove_admin(admin, ann.id, reason="Left the office")
    naming.name_admin(admin, ann.id)
    assert raw("SELECT is_admin FROM tenant_user WHERE id = :id", id=ann.id)[0].is_admin
    actions.deactivate(admin, ann.id, reason="Left")
    trail = raw("SELECT action, reason FROM audit_entry WHERE action LIKE 'users.%' ORDER BY id")
    assert [tuple(row) for row in trail][-4:] == [
        ("users.name_owner", "Ann leaves"), ("users.remove_admin", "Left the office"), ("users.name_admin", None),
        ("users.deactivate", "Left"),
    ]  # fmt: skip


def test_naming_is_refused_where_it_would_leave_nobody_or_changes_nothing(ann, bo, acme, system, raw, actor_of):
    admin, support = actor_of("admin"), actor_of("support")
    raw("UPDATE tenant SET owner_id = :bo WHERE id = :id", bo=bo.id, id=acme.id)
    refused = [
        (partial(naming.name_owner, admin, bo.id, reason="x"), "Bo owns Acme already"),
        (partial(naming.name_admin, admin, ann.id), "Ann is an administrator already"),
        (partial(naming.remove_admin, admin, bo.id, reason="x"), "Bo is no administrator"),
        (partial(naming.remove_admin, admin, ann.id, reason="x"), "last active administrator"),
    ]
    for act, sentence in refused:
        with pytest.raises(Invalid, match=sentence):
            act()
    for act in (partial(naming.name_owner, reason="x"), naming.name_admin, partial(naming.remove_admin, reason="x")):
        with pytest.raises(Denied):
            act(support, ann.id)
        with pytest.raises(NotFound):
            act(actor_of("admin", scope="assigned"), ann.id)
    with pytest.raises(Conflict):
        naming.name_admin(admin, bo.id, version=9)
    raw("UPDATE tenant_user SET is_admin = true WHERE id = :id", id=bo.id)
    with pytest.raises(Invalid, match="is the owner of Acme"):
        naming.remove_admin(admin, bo.id, reason="x")
    raw("UPDATE tenant_user SET deactivated_at = now() WHERE id = :id", id=ann.id)
    with pytest.raises(Invalid, match="deactivated"):
        naming.name_owner(admin, ann.id, reason="x")


def test_many_are_changed_each_on_its_own(ann, bo, acme, system, raw, actor_of):
    admin, gone = actor_of("admin"), uuid4()
    cid = person(system, acme, "Cid")
    found = actions.deactivate_many(admin, [ann.id, bo.id, cid.id, gone, bo.id], reason="Cleared")
    assert [one.problem is None for one in found] == [False, True, True, False]
    assert raw("SELECT count(*) FROM tenant_user WHERE deactivated_at IS NOT NULL")[0].count == 2
    assert raw("SELECT count(*) FROM audit_entry WHERE action = 'users.deactivate_many'")[0].count == 1
    for wrong in ([], [uuid4() for _ in range(rules.MAX_MANY + 1)]):
        with pytest.raises(Invalid, match="at a time"):
            actions.activate_many(admin, wrong)


def test_activation_stops_where_the_seats_end(ann, bo, acme, system, actor_of):
    admin = actor_of("admin")
    actions.deactivate(admin, bo.id, reason="Pause")
    person(system, acme, "Cid")
    dan = person(system, acme, "Dan")
    actions.deactivate(admin, dan.id, reason="Pause")
    found = actions.activate_many(admin, [bo.id, dan.id])
    assert [one.problem for one in found] == [
        None, "All 3 seats of Acme are taken. Deactivate somebody, or give the tenant more seats."
    ]  # fmt: skip
    with pytest.raises(Invalid, match="All 3 seats"):
        actions.activate(admin, dan.id)


def test_people_of_a_deleted_tenant_stay_as_they_are(bo, acme, raw, actor_of):
    raw("UPDATE tenant SET status = 'deleted' WHERE id = :id", id=acme.id)
    for act in (
        lambda: actions.deactivate(actor_of("admin"), bo.id, reason="x"),
        lambda: inviting.reset_invitation(actor_of("admin"), bo.id),
    ):
        with pytest.raises(Invalid, match="Restore the tenant"):
            act()


def test_two_administrators_are_not_both_taken_at_once(committed_db, committed_raw):
    system, admin = Actor.system("test"), Actor(uuid4(), "Ann", "admin", ROLES["admin"].grants, "all")
    tenant = make(system)
    people = [person(system, tenant, name, is_admin=True) for name in ("Ann", "Bob")]
    start, problems = threading.Barrier(2), []

    def take(one):
        start.wait()
        try:
            actions.deactivate(admin, one.id, reason="Left")
        except ExpectedError as error:
            problems.append(str(error))

    threads = [threading.Thread(target=take, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(problems) == 1
    assert "last active administrator" in problems[0]
    assert committed_raw("SELECT count(*) FROM tenant_user WHERE deactivated_at IS NULL")[0].count == 1


@pytest.fixture
def invited(bo, system, raw, actor_of, monkeypatch):
    """Bo's invitation, its job noted instead of queued."""
    jobs = []
    monkeypatch.setattr(
        "core.kernel.tasks.enqueue_on", lambda connection, task, **given: jobs.append((task, given["arguments"]))
    )
    made = inviting.reset_invitation(actor_of("admin"), bo.id)
    assert jobs == [("users.send_invitation", {"invitation_id": str(made.id)})]
    return made


def test_invitation_is_mailed_once_and_only_its_digest_is_kept(invited, bo, system, mailbox, raw, monkeypatch):
    monkeypatch.setattr(crypto, "new_token", lambda: "secret-token-of-the-test")
    for _ in range(2):
        tasks.send_invitation(system, invitation_id=str(invited.id))
    assert [mail.rcpt_tos for mail in mailbox.mails] == [[bo.email]]
    assert b"token=3Dsecret-token" in mailbox.mails[0].content or b"token=secret-token" in mailbox.mails[0].content
    row = raw("SELECT outcome, token_digest, expires_at - created_at AS life FROM user_invitation")[0]
    assert (row.outcome, bytes(row.token_digest)) == ("sent", crypto.digest("secret-token-of-the-test"))
    assert abs(row.life - timedelta(days=7)) < timedelta(seconds=5)
    everything = raw("SELECT string_agg(changes::text || details::text, '') AS told FROM audit_entry")[0].told
    assert "secret-token" not in everything


def test_invitation_counts_once_and_not_after_a_newer_one(invited, bo, system, raw):
    token = inviting.issue_invitation(system, invited.id)
    assert inviting.accept_invitation(system, token).id == bo.id
    with pytest.raises(Invalid, match="accepted already"):
        inviting.accept_invitation(system, token)
    second = inviting.reset_invitation(system, bo.id)
    old = inviting.issue_invitation(system, second.id)
    third = inviting.reset_invitation(system, bo.id)
    for wrong in (old, "nonsense"):
        with pytest.raises(Invalid, match="does not count"):
            inviting.accept_invitation(system, wrong)
    late = inviting.issue_invitation(system, third.id)
    raw("UPDATE user_invitation SET expires_at = now() WHERE id = :id", id=third.id)
    with pytest.raises(Invalid, match="does not count"):
        inviting.accept_invitation(system, late)
    assert raw("SELECT count(*) FROM user_invitation WHERE replaced_at IS NULL")[0].count == 1


def test_invitation_that_no_server_takes_shows_and_one_without_a_server_too(invited, system, mailbox, raw, monkeypatch):
    mailbox.answer = "554 No"
    with pytest.raises(Unavailable, match="554"):
        tasks.send_invitation(system, invitation_id=str(invited.id))
    assert raw("SELECT outcome FROM user_invitation")[0].outcome == "failed"
    monkeypatch.delenv("SMTP_URL")
    tasks.settings.cache_clear()
    tasks.send_invitation(system, invitation_id=str(invited.id))
    assert raw("SELECT outcome FROM user_invitation")[0].outcome == "no mail server"


def test_nobody_deactivated_is_invited(bo, actor_of):
    actions.deactivate(actor_of("admin"), bo.id, reason="Left")
    with pytest.raises(Invalid, match="Activate the account first"):
        inviting.reset_invitation(actor_of("admin"), bo.id)
