"""Reads: stable types, key paging, timeouts, and nothing beyond the actor's sight."""

import pytest
from sqlalchemy import func, select, text

from core.customers.tenants.models import Tenant
from core.kernel.errors import Invalid, TooSlow
from core.kernel.reads import read
from tests.core.kernel.test_writes import make_tenant

SOME = select(Tenant.id, Tenant.name, Tenant.seats, Tenant.created_at, Tenant.suspended_at)


def test_empty_frame_has_the_dtypes_of_a_full_one(db, system):
    with read(system) as rx:
        empty = rx.frame(SOME)
    make_tenant(system)
    with read(system) as rx:
        full = rx.frame(SOME)
    assert len(empty) == 0
    assert len(full) == 1
    assert dict(empty.dtypes) == dict(full.dtypes)
    assert str(full.dtypes["seats"]) == "Int64"
    assert str(full.dtypes["created_at"]) == "datetime64[us, UTC]"


def test_frame_keeps_its_row_limit(db, system):
    for _ in range(3):
        make_tenant(system)
    with read(system) as rx:
        assert len(rx.frame(SOME, limit=2)) == 2


@pytest.mark.parametrize("descending", [True, False])
def test_pages_cover_every_row_once_in_order(db, system, descending):
    made = [str(make_tenant(system, f"T{number}").id) for number in range(7)]
    seen, token = [], None
    with read(system) as rx:
        while True:
            page = rx.page(SOME, keys=[Tenant.created_at, Tenant.id], after=token, limit=3, descending=descending)
            seen += list(page.frame["id"])
            token = page.next
            if token is None:
                break
    assert seen == (made[::-1] if descending else made)


@pytest.mark.parametrize("token", ["%%%", "bm90anNvbg", "WzFd", "WyJ4IiwieSJd"])
def test_damaged_page_token_is_a_sentence(db, system, token):
    with read(system) as rx, pytest.raises(Invalid, match="first page"):
        rx.page(SOME, keys=[Tenant.created_at, Tenant.id], after=token)


def test_slow_statement_is_stopped_with_a_clear_sentence(db, system):
    with pytest.raises(TooSlow, match=r"longer than 0\.05 s"), read(system, timeout_ms=50) as rx:
        rx.value(select(func.pg_sleep(2)))


def test_read_cannot_write(db, system):
    with pytest.raises(Exception, match="read-only transaction"), read(system) as rx:
        rx.session.execute(text("DELETE FROM tenant"))


def test_operator_without_the_permission_sees_no_row(db, actor_of, system):
    make_tenant(system)
    with read(actor_of("developer")) as rx:
        assert rx.frame(SOME).empty


def test_assigned_scope_sees_only_assigned_tenants(db, raw, actor_of, system):
    mine, _ = make_tenant(system, "Mine"), make_tenant(system, "Other")
    actor = actor_of("client_success")
    raw("INSERT INTO tenant_assignment VALUES (:o, :t, now())", o=actor.operator_id, t=mine.id)
    with read(actor) as rx:
        assert list(rx.frame(SOME)["name"]) == ["Mine"]
