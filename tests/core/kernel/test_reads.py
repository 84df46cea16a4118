"""Reads: stable types, key paging, timeouts, and nothing beyond the actor's sight."""

import base64
from decimal import Decimal

import pytest
from sqlalchemy import Numeric, case, cast, func, select, text

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


def test_listing_gives_the_rows_of_the_page(db, system):
    for number in range(3):
        make_tenant(system, f"T{number}")
    with read(system) as rx:
        first = rx.listing(SOME, keys=[Tenant.created_at, Tenant.id], limit=2)
        second = rx.listing(SOME, keys=[Tenant.created_at, Tenant.id], limit=2, after=first.next)
    assert [row["name"] for row in (*first.rows, *second.rows)] == ["T2", "T1", "T0"]
    assert list(first.rows[0]) == ["id", "name", "seats", "created_at", "suspended_at"]
    assert second.next is None


@pytest.mark.parametrize("values", ['["a\\u0000", "x"]', "[1, 2]", '[null, "x"]', '[["a"], "x"]'])
def test_forged_page_token_of_text_is_a_sentence(db, system, values):
    token = base64.urlsafe_b64encode(values.encode()).decode().rstrip("=")
    with read(system) as rx, pytest.raises(Invalid, match="first page"):
        rx.listing(SOME, keys=[Tenant.name, Tenant.id], after=token)


def test_each_read_is_under_the_rights_of_its_own_actor(committed_db, actor_of, system):
    make_tenant(system)
    with read(actor_of("developer")) as rx:
        assert rx.rows(SOME) == []
        assert (
            rx.value(text("SELECT current_setting('role') || current_setting('transaction_read_only')"))
            == "quarterdeck_appon"
        )
    with read(system):
        pass
    with read(system) as rx:
        assert rx.session.scalar(text("SELECT current_setting('qd.grants')")) == "*"


def test_connection_that_died_while_idle_is_replaced(committed_db, committed_raw, system):
    make_tenant(system)
    committed_raw(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with read(system) as rx:
        assert len(rx.rows(SOME)) == 1


def test_what_was_loaded_stays_after_the_read(db, system):
    made = make_tenant(system, "Kept")
    with read(system) as rx:
        tenant = rx.session.get(Tenant, made.id)
    assert tenant.name == "Kept"


TEXTS = ("b", None, "a", "b", None, "a'\\")
MOMENTS = (None, "2026-03-01", "2026-01-01", "2026-03-01", None, "2025-12-31")


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("name", ["suspension_reason", "suspended_at", "trial_ends_on", "csm_id"])
def test_pages_by_a_nullable_key_cover_every_row_once_and_end_with_what_is_unknown(
    db, raw, system, name, size, descending
):
    for place, (told, day) in enumerate(zip(TEXTS, MOMENTS, strict=True)):
        row = make_tenant(system, f"T{place}").id
        csm = day and f"00000000-0000-4000-8000-{day.replace('-', ''):0>12}"
        raw("UPDATE tenant SET suspension_reason = :told, suspended_at = CAST(:day AS timestamptz),"
            " trial_ends_on = CAST(:day AS date), csm_id = CAST(:csm AS uuid) WHERE id = :id",
            told=told, day=day, csm=csm, id=row)  # fmt: skip
    key, token, seen = getattr(Tenant, name), None, []
    with read(system) as rx:
        while True:
            page = rx.listing(
                select(Tenant.id, key),
                keys=[key, Tenant.id],
                after=token,
                limit=size,
                descending=descending,
                nulls_last=True,
            )
            seen += [tuple(row.values()) for row in page.rows]
            token = page.next
            if token is None:
                break
        direction = "DESC" if descending else "ASC"
        order = text(f"SELECT id, {name} FROM tenant ORDER BY {name} {direction} NULLS LAST, id {direction}")
        assert seen == [tuple(row) for row in rx.session.execute(order)]
    assert seen[-1][1] is None


def test_pages_by_a_number_that_may_be_unknown(db, system):
    key = case((Tenant.seats > 3, None), else_=Tenant.seats / cast(3, Numeric)).label("share")
    for seats in (3, 1, 9, 2, 1, 7):
        make_tenant(system, f"S{seats}", seats=seats)
    token, seen = None, []
    with read(system) as rx:
        for _ in range(6):
            page = rx.listing(
                select(Tenant.id, key), keys=[key, Tenant.id], after=token, limit=1, descending=False, nulls_last=True
            )
            seen += [row["share"] for row in page.rows]
            token = page.next
    assert [None if one is None else round(one, 1) for one in seen] == [Decimal("0.3")] * 2 + [
        Decimal("0.7"), Decimal(1), None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("value", ['"NaN"', '"1e999999"', '"1e-999999"', '"many"', "[1]", "true", '"Infinity"'])
def test_forged_page_token_of_a_number_is_a_sentence(db, system, value):
    token = base64.urlsafe_b64encode(f'[{value}, "{system.request_id}"]'.encode()).decode().rstrip("=")
    key = cast(Tenant.seats, Numeric).label("share")
    with read(system) as rx, pytest.raises(Invalid, match="first page"):
        rx.listing(select(Tenant.id, key), keys=[key, Tenant.id], after=token, nulls_last=True)


def test_page_token_without_the_last_key_is_refused(db, system):
    token = base64.urlsafe_b64encode(b"[null, null]").decode().rstrip("=")
    with read(system) as rx, pytest.raises(Invalid, match="first page"):
        rx.listing(SOME, keys=[Tenant.suspended_at, Tenant.id], after=token, nulls_last=True)
