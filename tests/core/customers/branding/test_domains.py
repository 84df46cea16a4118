"""Domains of a tenant's own: proved by a TXT record that a real name server has."""

import socket
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.customers.branding import actions, asking, challenge, queries, tasks, verifying
from core.customers.branding.challenge import Finding
from core.customers.tenants import actions as tenants
from core.kernel.errors import Denied, Invalid, KeyProblem, NotFound
from core.kernel.times import utc_now
from tests.core.customers.test_tenants import make
from tests.core.health.monitors.servers import name_server


@pytest.fixture
def servers(monkeypatch):
    """Points the check at a name server of these records."""

    @contextmanager
    def at(records, **options):
        with name_server(records, **options) as port:
            point(f"127.0.0.1:{port}")
            yield

    def point(text):
        monkeypatch.setenv("DOMAIN_CHECK_SERVERS", text)
        asking.settings.cache_clear()

    at.point = point
    yield at
    asking.settings.cache_clear()


def record_of(row) -> dict:
    return {(challenge.record_name(row.domain), "TXT"): [f'"{challenge.record_value(row.token)}"']}


def state_of(raw, row) -> str:
    return raw("SELECT state FROM branding_domain WHERE id = :id", id=row.id)[0].state


def test_a_domain_is_verified_by_its_record_and_lost_without_it(db, raw, actor_of, servers):
    admin = actor_of("admin")
    tenant = make(admin)
    row = actions.add_domain(admin, tenant.id, domain=" Büro.Acme-Shop.example ")
    assert row.domain == "xn--bro-hoa.acme-shop.example"
    assert raw("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'branding.check_domain'")[0].count == 1
    with servers({}):
        assert verifying.check(admin, row.id).kind == "absent"
    assert state_of(raw, row) == "pending"
    with servers(record_of(row)):
        tasks.check_domain(admin, domain_id=str(row.id))
    found = queries.domains(admin, tenant.id).iloc[0]
    assert (found["state"], found["finding"], found["shown"]) == ("verified", "found", "büro.acme-shop.example")
    assert found["next_check_at"] > utc_now() + timedelta(hours=23)
    with servers({}, rcode=2):
        assert verifying.check(admin, row.id).kind == "unreachable"
    assert state_of(raw, row) == "verified"
    with servers({}):
        verifying.check(admin, row.id)
    assert state_of(raw, row) == "lost"
    entries = raw("SELECT details FROM audit_entry WHERE action = 'branding.settle_domain' ORDER BY occurred_at, id")
    assert [one.details["state"] for one in entries] == ["verified", "lost"]


def test_other_records_beside_the_token_do_not_matter_and_a_wrong_one_fails(db, raw, actor_of, servers):
    admin = actor_of("admin")
    row = actions.add_domain(admin, make(admin).id, domain="app.acme.example")
    name = challenge.record_name(row.domain)
    with servers({(name, "TXT"): ['"v=spf1 -all"', '"quarterdeck-domain-verification=0000"']}):
        assert "v=spf1" in verifying.check(admin, row.id).told
    assert state_of(raw, row) == "failed"
    value = challenge.record_value(row.token)
    with servers({(name, "TXT"): ['"v=spf1 -all"', f'"{value[:20]}" "{value[20:]}"']}):
        verifying.check(admin, row.id)
    assert state_of(raw, row) == "verified"


def test_a_domain_belongs_to_the_first_that_proves_it(db, raw, actor_of, servers):
    admin = actor_of("admin")
    one, other = make(admin, "One"), make(admin, "Other")
    first, second = (actions.add_domain(admin, each.id, domain="shop.example") for each in (one, other))
    name = (challenge.record_name("shop.example"), "TXT")
    with servers({name: [text for row in (first, second) for text in record_of(row)[name]]}):
        verifying.check(admin, first.id)
        assert "another tenant" in verifying.check(admin, second.id).told
    assert (state_of(raw, first), state_of(raw, second)) == ("verified", "failed")
    with pytest.raises(Invalid, match="belongs to one tenant"):
        actions.add_domain(admin, make(admin).id, domain="SHOP.example.")
    actions.remove_domain(admin, first.id)
    with servers(record_of(second)):
        verifying.check(admin, second.id)
    assert state_of(raw, second) == "verified"


def test_what_is_due_is_asked_again_several_at_a_time(db, raw, actor_of, system, servers):
    admin = actor_of("admin")
    tenant = make(admin)
    rows = [actions.add_domain(admin, tenant.id, domain=f"{place}.acme.example") for place in range(3)]
    with servers({}):
        for row in rows:
            verifying.check(admin, row.id)
    assert verifying.check_due(system) == 0
    later = utc_now() + timedelta(minutes=16)
    with servers(record_of(rows[0]) | record_of(rows[2])):
        assert verifying.check_due(system, now=later) == 3
    assert [state_of(raw, row) for row in rows] == ["verified", "pending", "verified"]


def test_silence_and_wrong_settings_say_nothing_of_the_record(servers, monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE_S", 0.3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        servers.point(f"127.0.0.1:{mute.getsockname()[1]}")
        assert asking.ask("acme.example", "0" * 40).kind == "unreachable"
    for text in ("dns.example", "127.0.0.1:many", "::1:5353:x"):
        servers.point(text)
        with pytest.raises(KeyProblem, match="DOMAIN_CHECK_SERVERS"):
            asking.ask("acme.example", "0" * 40)


@pytest.mark.parametrize(
    "domain", ["192.0.2.1", "acme.local", "host.internal", "localhost", "a.onion", "x" * 60 + "." + "y." * 85 + "example",
               "_acme.example", "acme.example/path", "ac me.example", "<script>.example", "a\u202eb..example", ""],
)  # fmt: skip
def test_what_nobody_can_own_is_no_domain(domain):
    with pytest.raises(Invalid):
        challenge.clean(domain)


def test_domains_need_room_a_right_a_plan_and_sight(db, raw, actor_of):
    admin = actor_of("admin")
    tenant = make(admin)
    for place in range(challenge.MOST_DOMAINS):
        row = actions.add_domain(admin, tenant.id, domain=f"{place}.acme.example")
    with pytest.raises(Invalid, match="at most 5"):
        actions.add_domain(admin, tenant.id, domain="more.acme.example")
    with pytest.raises(Invalid, match="already"):
        actions.add_domain(admin, tenant.id, domain="1.acme.example")
    with pytest.raises(Invalid, match="plan"):
        actions.add_domain(admin, make(admin, tier="basic").id, domain="basic.example")
    with pytest.raises(Denied):
        verifying.check(actor_of("support"), row.id)
    outsider = actor_of("implementation_specialist")
    for attempt in (lambda: actions.add_domain(outsider, tenant.id, domain="x.example"),
                    lambda: actions.remove_domain(outsider, row.id), lambda: verifying.check(outsider, row.id)):  # fmt: skip
        with pytest.raises(NotFound):
            attempt()
    tenants.assign_operator(admin_of(actor_of), tenant.id, operator_id=outsider.operator_id)
    actions.remove_domain(outsider, row.id)
    assert raw("SELECT count(*) FROM branding_domain")[0].count == challenge.MOST_DOMAINS - 1
    with pytest.raises(NotFound):
        verifying.check(admin, uuid4())


def admin_of(actor_of):
    return actor_of("super_admin")


@given(st.sampled_from(challenge.STATES), st.sampled_from(challenge.FINDINGS), st.integers(0, 40))
def test_states_follow_the_findings(state, kind, days):
    found = challenge.next_state(state, Finding(kind, ""), age=timedelta(days=days))
    assert (found == "verified") is (kind == "found" or (kind == "unreachable" and state == "verified"))
    if kind == "unreachable":
        assert found == state
    if state == "failed":
        assert found in ("failed", "verified")
    if found == "lost":
        assert state in ("verified", "lost")
    if state == "pending" and kind == "absent":
        assert found == ("failed" if days >= 3 else "pending")
