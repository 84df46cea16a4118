"""Exports: every row and type arrives, nothing runs as a formula, memory stays flat, and nobody takes rows unseen."""

import csv
import io
import json
import weakref
from datetime import UTC, datetime
from decimal import Decimal

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.customers.users import queries
from core.data.exports import actions, cells, rules
from core.data.exports.streaming import frames, write_frames
from core.kernel.errors import Denied, Invalid
from tests.core.customers.test_tenants import make

AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
FRAME = pd.DataFrame({
    "name": pd.array(["=1+1", "Zoé", None], dtype="string"), "count": pd.array([-5, 7, None], dtype="Int64"),
    "at": pd.to_datetime([AT, None, AT], utc=True), "is_on": pd.array([True, None, False], dtype="boolean"),
    "money": [Decimal("-1.10"), None, Decimal("2.25")], "tags": [["a", "b"], [], None],
})  # fmt: skip


def people(raw, tenant_id, count: int) -> None:
    raw("INSERT INTO tenant_user (id, tenant_id, email, name, is_admin, created_at, updated_at, version)"
        " SELECT gen_random_uuid(), :tenant, 'p' || n || '@a.example', 'Person ' || n, false, now(), now(), 1"
        " FROM generate_series(1, :count) AS n", tenant=tenant_id, count=count)  # fmt: skip


def written(form, frame=FRAME) -> io.BytesIO:
    file = io.BytesIO()
    write_frames([frame], form, file)
    file.seek(0)
    return file


def test_csv_holds_every_value_as_text_in_utf_8_with_its_mark():
    text = written("csv").read()
    assert text.startswith("\ufeff".encode())
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert rows[1] == ["'=1+1", "-5", "2026-03-01T08:30:00Z", "true", "-1.10", "a, b"]
    assert rows[2] == ["Zoé", "7", "", "", "", ""]


@given(st.text())
def test_no_text_begins_a_formula_and_none_is_lost(text):
    told = cells.for_csv(text)
    assert not told.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
    assert told.removeprefix("'") == text.removeprefix("'") or told == text


def test_sheet_has_typed_columns_and_no_formula():
    sheet = openpyxl.load_workbook(written("xlsx")).active
    assert [cell.value for cell in sheet[1]] == list(FRAME.columns)
    name, count, at, is_on, money, tags = sheet[2]
    assert (name.value, name.data_type) == ("=1+1", "s")
    assert (count.value, at.value, is_on.value, money.value, tags.value) == (
        -5,
        AT.replace(tzinfo=None),
        True,
        -1.1,
        "a, b",
    )
    assert sheet[3][1].value == 7
    assert sheet[3][2].value is None


def test_json_keeps_types_and_every_cent():
    first, second, _ = json.loads(written("json").read())
    assert first == {
        "name": "=1+1",
        "count": -5,
        "at": "2026-03-01T08:30:00Z",
        "is_on": True,
        "money": "-1.10",
        "tags": ["a", "b"],
    }
    assert second["at"] is None


@pytest.mark.parametrize("form", rules.FORMATS)
def test_an_empty_list_is_a_file_with_its_columns(form):
    text = written(form, FRAME.head(0)).read()
    assert b"tags" in text or form != "csv"
    assert form != "json" or json.loads(text) == []


def test_rows_beyond_the_limit_stay_away_and_it_is_told():
    file = io.BytesIO()
    result = write_frames([FRAME, FRAME], "json", file, most=4)
    assert (result.rows, result.is_truncated, len(json.loads(file.getvalue()))) == (4, True, 4)
    assert not write_frames([FRAME, FRAME], "json", io.BytesIO(), most=6).is_truncated


def test_export_of_50_000_users_is_whole_flat_in_memory_and_in_the_audit(db, raw, system, actor_of):
    people(raw, make(system).id, 50_000)
    support, seen, alive = actor_of("support"), [], []

    def watched(actor):
        for frame in queries.export(actor, queries.Filters("person")):
            seen.append(weakref.ref(frame))
            alive.append(sum(one() is not None for one in seen))
            yield frame

    made = actions.create(support, name="Users", form="csv", make=watched, filters={"text": "person", "is_admin": None})
    assert sum(1 for _ in made.file) == 50_001
    assert len(alive) > 10
    assert max(alive) <= 2
    entry = raw("SELECT actor_name, outcome, changes FROM audit_entry WHERE action = 'exports.create'")[0]
    told = {name: pair[1] for name, pair in entry.changes[0]["columns"].items()}
    assert (entry.actor_name, told["rows"], told["format"], told["filters"]) == (
        "Support",
        50_000,
        "csv",
        {"text": "person"},
    )
    assert "email" in told["columns"]
    assert raw("SELECT count(*) FROM event WHERE type = 'exports.create'")[0].count == 1


def test_export_without_the_right_is_refused_before_anything_is_read(db, raw, system, actor_of):
    people(raw, make(system).id, 3)
    read = []
    with pytest.raises(Denied, match="exports:create"):
        actions.create(actor_of("support_tier_2"), name="users", form="csv", make=read.append, filters={})
    assert read == []
    assert raw("SELECT outcome FROM audit_entry WHERE action = 'exports.create'")[0].outcome == "denied"
    assert raw("SELECT count(*) FROM data_export")[0].count == 0


def test_export_that_fails_leaves_no_file_and_no_entry(db, raw, actor_of):
    def broken(actor):
        yield FRAME
        raise Invalid("Too much.")

    with pytest.raises(Invalid):
        actions.create(actor_of("support"), name="users", form="json", make=broken, filters={})
    assert raw("SELECT count(*) FROM audit_entry WHERE action = 'exports.create'")[0].count == 0


def test_export_holds_only_what_is_in_sight_and_masked(db, raw, system, actor_of):
    people(raw, make(system).id, 2)
    assert not len(pd.concat(queries.export(actor_of("client_success"), queries.Filters())))
    blind = actor_of("client_success", scope="all", grants=frozenset({"users:read", "exports:create"}))
    text = actions.create(
        blind, name="users", form="csv", make=lambda actor: queries.export(actor, queries.Filters()), filters={}
    )
    body = text.file.read().decode()
    assert "Person" not in body
    assert "P…" in body


def test_frames_come_in_parts_of_one_moment_and_have_columns_when_empty(db, raw, system, actor_of):
    from sqlalchemy import select

    from core.customers.users.models import TenantUser

    statement = select(TenantUser.id, TenantUser.name)
    assert [list(part.columns) for part in frames(actor_of("support"), statement)] == [["id", "name"]]
    people(raw, make(system).id, 5)
    assert [len(part) for part in frames(actor_of("support"), statement, size=2)] == [2, 2, 1]
