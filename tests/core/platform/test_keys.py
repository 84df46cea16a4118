"""API keys: what may be said of them, who may give what, and what may become of them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.capture import MASK
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, ReasonRequired
from core.kernel.times import utc_now
from core.platform.keys import actions, format, queries, rules
from tests.core.customers.test_tenants import make as make_tenant

READ = ["tenants:read"]


def make(actor, name="Sync", *, tenant_id=None, **values):
    return actions.create(actor, name=name, tenant_id=tenant_id, **({"scopes": READ} | values))


def _audited(raw, action):
    """Column -> [before, after] of the entry."""
    return raw("SELECT changes FROM audit_entry WHERE action = :action", action=action)[0].changes[0]["columns"]


def key_actor(tenant_id, *grants):
    return Actor(
        None, "Key", "api_key", frozenset(grants), "tenant", "api", key_id=uuid4(), tenant_id=tenant_id
    )  # fmt: skip


@pytest.fixture
def entries(raw):
    """(action, outcome) of what was done with keys, in order."""
    return lambda: [
        tuple(row)
        for row in raw("SELECT action, outcome FROM audit_entry WHERE action LIKE 'api_keys.%' ORDER BY occurred_at")
    ]


def test_create_stores_a_digest_and_never_the_key(db, raw, system, entries):
    issued = make(system, " Nightly   sync ", scopes=["users:read", "tenants:read", "users:read"])
    row = raw("SELECT * FROM api_key")[0]
    assert (row.name, row.mode, row.prefix, row.tenant_id) == ("Nightly sync", "live", "iris", None)
    assert row.scopes == ["tenants:read", "users:read"]
    assert bytes(row.secret_digest) == crypto.digest(issued.key)
    assert issued.key.endswith(row.hint) and format.is_key(issued.key)
    assert entries() == [("api_keys.create", "done")]
    assert raw("SELECT type FROM event")[0].type == "api_keys.create"
    for table in ("api_key", "audit_entry", "event"):
        told = str(raw(f"SELECT to_jsonb(one)::text AS told FROM {table} AS one")[0].told)
        assert issued.key not in told and issued.key[10:40] not in told
    assert _audited(raw, "api_keys.create")["secret_digest"] == [None, MASK]
    assert issued.key not in repr(issued)


def test_create_names_every_bad_field_at_once(db, raw, system):
    with pytest.raises(Invalid) as caught:
        make(
            system, " ", scopes=["tenants:read", "*", "moon:land"], rate_limit_per_minute=0,
            allowed_networks=["10.0.0.1/8"], expires_at=utc_now(),
        )  # fmt: skip
    assert set(caught.value.fields) == {
        "name", "scopes", "rate_limit_per_minute", "allowed_networks", "expires_at",
    }  # fmt: skip
    assert "moon:land" in caught.value.fields["scopes"]
    assert raw("SELECT count(*) FROM api_key")[0].count == 0


def test_there_is_no_scope_for_everything():
    known = rules.scopes()
    assert known == sorted(known)
    assert {"tenants:read", "flags:evaluate", "api_keys:delete"} <= set(known)
    assert not [one for one in known if "*" in one]


def test_nobody_gives_what_he_does_not_hold(db, raw, actor_of):
    with pytest.raises(Denied, match="tenants:read"):
        make(actor_of("developer"), scopes=["health:read", "tenants:read"])
    make(actor_of("developer"), scopes=["health:read", "flags:kill"])
    assert len(raw("SELECT 1 FROM api_key")) == 1


def test_rotation_is_no_way_to_a_key_that_may_do_more(db, raw, actor_of, system):
    issued = make(system)
    with pytest.raises(Denied, match="tenants:read"):
        actions.rotate(actor_of("developer"), issued.row.id)
    assert bytes(raw("SELECT secret_digest FROM api_key")[0].secret_digest) == crypto.digest(issued.key)


def test_a_key_that_may_do_more_keeps_its_scopes_when_it_is_edited(db, raw, actor_of, system):
    issued = make(system)
    developer = actor_of("developer")
    actions.update(developer, issued.row.id, name="New name", scopes=[*READ, "health:read"])
    assert raw("SELECT scopes FROM api_key")[0].scopes == ["health:read", "tenants:read"]
    with pytest.raises(Denied, match="users:read"):
        actions.update(developer, issued.row.id, scopes=["users:read"])


@pytest.mark.parametrize("verb", ["create", "update", "rotate", "revoke"])
def test_without_the_permission_nothing_happens(db, raw, actor_of, system, verb):
    reader, key_id = actor_of("admin"), make(system).row.id
    before = raw("SELECT to_jsonb(one) AS told FROM api_key AS one")
    acts = {
        "create": lambda: make(reader),
        "update": lambda: actions.update(reader, key_id, name="Mine"),
        "rotate": lambda: actions.rotate(reader, key_id),
        "revoke": lambda: actions.revoke(reader, key_id, reason="why not"),
    }
    with pytest.raises(Denied):
        acts[verb]()
    assert raw("SELECT to_jsonb(one) AS told FROM api_key AS one") == before
    assert raw("SELECT action FROM audit_entry WHERE outcome = 'denied'")[0].action == f"api_keys.{verb}"


def test_who_sees_one_tenant_binds_no_wider(db, raw, system):
    mine, other = make_tenant(system, "Mine"), make_tenant(system, "Other")
    narrow = key_actor(mine.id, "api_keys:*", "tenants:read")
    with pytest.raises(Denied, match="whole platform"):
        make(narrow)
    with pytest.raises(Denied, match="that tenant only"):
        make(narrow, tenant_id=other.id)
    made = make(narrow, tenant_id=mine.id).row
    assert raw("SELECT created_by FROM api_key")[0].created_by == narrow.key_id
    assert raw("SELECT tenant_id FROM audit_entry WHERE action = 'api_keys.create'")[0].tenant_id == mine.id
    assert queries.one(narrow, made.id)["tenant"] == "Mine"


def test_keys_of_others_and_of_the_platform_are_not_found(db, system):
    mine, other = make_tenant(system, "Mine"), make_tenant(system, "Other")
    platform, foreign = make(system).row.id, make(system, tenant_id=other.id).row.id
    narrow = key_actor(mine.id, "api_keys:*", "tenants:read")
    for key_id in (platform, foreign, uuid4()):
        with pytest.raises(NotFound):
            queries.one(narrow, key_id)
        for act in (
            lambda key_id=key_id: actions.update(narrow, key_id, name="Mine"),
            lambda key_id=key_id: actions.rotate(narrow, key_id),
            lambda key_id=key_id: actions.revoke(narrow, key_id, reason="x"),
        ):
            with pytest.raises(NotFound):
                act()
    assert queries.directory(narrow, queries.Filters()).frame.empty
    assert queries.count(narrow, queries.Filters()) == 0


def test_a_key_of_a_tenant_that_is_not_there_is_refused(db, raw, actor_of, system):
    for actor in (system, actor_of("developer")):
        with pytest.raises(NotFound):
            make(actor, tenant_id=uuid4(), scopes=["health:read"])
    tenant = make_tenant(system)
    assert make(actor_of("developer"), tenant_id=tenant.id, scopes=["flags:evaluate"]).row.tenant_id == tenant.id
    raw("UPDATE tenant SET status = 'deleted'")
    for actor in (system, actor_of("developer")):
        with pytest.raises(NotFound):
            make(actor, tenant_id=tenant.id, scopes=["health:read"])


def test_a_test_key_only_reads(db, raw, system):
    with pytest.raises(Invalid, match="tenants:update"):
        make(system, mode="test", scopes=["tenants:read", "tenants:update"])
    with pytest.raises(Invalid, match="live or test"):
        make(system, mode="staging")
    issued = make(system, mode="test", scopes=["tenants:read", "flags:evaluate"])
    assert issued.key.startswith("iris_test_")
    with pytest.raises(Invalid, match="only reads"):
        actions.update(system, issued.row.id, scopes=["tenants:update"])
    assert raw("SELECT scopes FROM api_key")[0].scopes == ["flags:evaluate", "tenants:read"]


def test_update_cleans_what_was_typed_and_a_stale_one_is_a_conflict(db, raw, system, entries):
    key_id = make(system).row.id
    later = utc_now() + timedelta(days=9)
    values = {
        "allowed_networks": ["10.1.0.0/16", " 2001:db8::1 ", ""],
        "rate_limit_per_minute": "90",
        "expires_at": later,
    }
    actions.update(system, key_id, version=1, **values)
    row = raw("SELECT * FROM api_key")[0]
    assert row.allowed_networks == ["10.1.0.0/16", "2001:db8::1/128"]
    assert (row.rate_limit_per_minute, row.expires_at, row.version) == (90, later, 2)
    with pytest.raises(Conflict):
        actions.update(system, key_id, version=1, name="Mine")
    with pytest.raises(Invalid, match="cannot be edited"):
        actions.update(system, key_id, mode="test")
    assert entries() == [("api_keys.create", "done"), ("api_keys.update", "done")]


def test_rotate_keeps_the_old_secret_for_the_overlap(db, raw, system):
    issued = make(system)
    again = actions.rotate(system, issued.row.id, overlap=timedelta(hours=2))
    row = raw("SELECT *, previous_expires_at - now() AS counts_for FROM api_key")[0]
    assert bytes(row.secret_digest) == crypto.digest(again.key)
    assert bytes(row.previous_digest) == crypto.digest(issued.key)
    assert timedelta(hours=1.9) < row.counts_for < timedelta(hours=2.1)
    assert row.hint == again.key[-4:]
    columns = _audited(raw, "api_keys.rotate")
    assert (columns["secret_digest"], columns["previous_digest"]) == ([MASK, MASK], [None, MASK])
    assert columns["hint"] == [issued.key[-4:], again.key[-4:]]
    assert again.key[10:40] not in str(columns)


@pytest.mark.parametrize("hours", [-1, 169])
def test_an_overlap_is_a_week_at_most(db, system, hours):
    key_id = make(system).row.id
    with pytest.raises(Invalid, match="168 hours"):
        actions.rotate(system, key_id, overlap=timedelta(hours=hours))


def test_revoke_is_for_good_and_says_why(db, raw, actor_of, system, entries):
    key_id = make(system).row.id
    developer = actor_of("developer")
    with pytest.raises(ReasonRequired):
        actions.revoke(developer, key_id, reason=" ")
    actions.revoke(developer, key_id, reason=" Seen in a public repository ")
    row = raw("SELECT * FROM api_key")[0]
    assert (row.revoked_by, row.revocation_reason) == (developer.operator_id, "Seen in a public repository")
    for act in (
        lambda: actions.revoke(system, key_id, reason="again"),
        lambda: actions.rotate(system, key_id),
        lambda: actions.update(system, key_id, name="Back"),
    ):
        with pytest.raises(Invalid, match="revoked"):
            act()
    assert entries() == [("api_keys.create", "done"), ("api_keys.revoke", "done")]
    severity = raw("SELECT severity FROM audit_entry WHERE action = 'api_keys.revoke'")[0].severity
    assert severity == "warning"


def test_an_expired_key_is_rotated_only_after_its_expiry_was_moved(db, raw, system):
    key_id = make(system).row.id
    raw("UPDATE api_key SET expires_at = now() - interval '1 day'")
    with pytest.raises(Invalid, match="expired"):
        actions.rotate(system, key_id)
    expired = queries.one(system, key_id)
    actions.update(system, key_id, name="Same expiry", expires_at=expired["expires_at"])
    actions.update(system, key_id, expires_at=None)
    actions.rotate(system, key_id)
    assert queries.one(system, key_id)["status"] == "active"


def test_flags_are_of_keys_that_count_and_can_be_asked_for(db, raw, system):
    made = {name: make(system, name, expires_at=utc_now() + timedelta(days=60)).row.id for name in (
        "fine", "never used", "unused", "never expires", "expires soon", "revoked", "expired",
    )}  # fmt: skip
    change = "UPDATE api_key SET {} WHERE name = '{}'"
    raw(change.format("created_at = now() - interval '31 days'", "never used"))
    raw(change.format("expires_at = NULL", "never expires"))
    raw(change.format("expires_at = now() + interval '13 days'", "expires soon"))
    raw(change.format("expires_at = NULL, revoked_at = now()", "revoked"))
    raw(change.format("expires_at = now() - interval '1 day'", "expired"))
    raw(
        "INSERT INTO api_key_use (key_id, first_used_at, last_used_at) SELECT id, now() - interval '99 days',"
        " now() - interval '91 days' FROM api_key WHERE name = 'unused'"
    )
    frame = queries.directory(system, queries.Filters()).frame.set_index("name")
    assert {name: list(frame.loc[name, "flags"]) for name in made} == {
        "fine": [], "revoked": [], "expired": [], **{name: [name] for name in rules.FLAGS},
    }  # fmt: skip
    assert frame.loc["revoked", "status"] == "revoked" and frame.loc["expired", "status"] == "expired"
    assert queries.count(system, queries.Filters(flags=tuple(rules.FLAGS))) == 4
    only = queries.directory(system, queries.Filters(flags=("unused",))).frame
    assert list(only["name"]) == ["unused"]
    assert queries.count(system, queries.Filters(statuses=("expired", "revoked"))) == 2


def test_a_pasted_key_is_found_by_its_digest_also_after_a_rotation(db, actor_of, system):
    issued = make(system, "Leaked")
    make(system, "Other")
    again = actions.rotate(system, issued.row.id)
    for text in (issued.key, f" {again.key} ", again.key[-4:], "leak", str(issued.row.id)):
        assert list(queries.search(actor_of("developer"), text)["name"]) == ["Leaked"], text
    assert queries.search(actor_of("hotline_operator"), issued.key).empty
    assert queries.search(system, format.new_key("iris", "live")).empty


@pytest.mark.parametrize("text", ["%", "_", "'; DROP TABLE api_key; --", "☃", "a" * 5000])
def test_search_takes_any_text_literally(db, system, text):
    make(system)
    assert queries.search(system, text).empty


def test_directory_pages_newest_first(db, system):
    for number in range(5):
        make(system, f"Key {number}")
    first = queries.directory(system, queries.Filters(text="key"), limit=3)
    second = queries.directory(system, queries.Filters(text="key"), limit=3, after=first.next)
    assert list(first.frame["name"]) + list(second.frame["name"]) == [f"Key {n}" for n in (4, 3, 2, 1, 0)]
    assert second.next is None
    assert not {"secret_digest", "previous_digest"} & set(first.frame)


def test_reading_takes_the_permission(db, actor_of, system):
    stranger = actor_of("hotline_operator")
    with pytest.raises(Denied):
        queries.directory(stranger, queries.Filters())
    with pytest.raises(Denied):
        queries.usage(stranger, make(system).row.id, since=utc_now())


def test_an_idempotent_create_makes_one_key(db, raw, system):
    from core.kernel.errors import AlreadyDone

    make(system, once="k1")
    with pytest.raises(AlreadyDone):
        make(system, once="k1")
    assert len(raw("SELECT 1 FROM api_key")) == 1
