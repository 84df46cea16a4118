"""Rows of telemetry: what is refused with which sentence, and how a body is cut into rows."""

import gzip
import json
import zlib
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from core.health.ingest import judging, rules, splitting
from core.health.ingest.judging import judge
from core.health.ingest.rules import Window
from core.health.ingest.splitting import Damaged, TooManyRows, split_json, split_lines
from core.health.ingest.unpacking import TooLarge, UnknownEncoding, unpack
from core.kernel.actor import Actor
from core.kernel.errors import Invalid

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
AT = "2026-11-21T11:59:00Z"
REQUEST = {"type": "request", "at": AT, "service": "web", "route": "/a", "method": "GET", "status": 200}
MESSAGE = {"type": "message", "at": AT, "provider": "twilio", "channel": "sms", "status": "sent"}
METRIC = {"type": "metric", "at": AT, "name": "queue", "kind": "gauge", "value": 1}
ERROR = {"type": "error", "at": AT, "service": "web", "error_type": "KeyError", "message": "x"}
TENANT = UUID("00000000-0000-7000-8000-000000000001")


def judged(*rows: object) -> judging.Judged:
    raws = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    return judge(raws, Window.at(NOW))


def told(row: object) -> tuple[str, str | None, str]:
    found = judged(row)
    assert not found.good
    assert len(found.problems) == 1
    return found.problems[0].code, found.problems[0].field, found.problems[0].detail


@pytest.mark.parametrize("row", [REQUEST, MESSAGE, METRIC, ERROR], ids=["request", "message", "metric", "error"])
def test_the_least_row_of_each_type_is_good(row):
    found = judged(row)
    assert (len(found.good), found.problems) == (1, [])
    assert found.good[0][1].at == datetime(2026, 11, 21, 11, 59, tzinfo=UTC)


CASES = [
    (REQUEST | {"at": "2026-11-21T12:10:01Z"}, "in_future", "at", "more than 10 minutes ahead"),
    (REQUEST | {"at": "2026-11-14T11:59:59Z"}, "too_old", "at", "before 2026-11-14 12:00 UTC"),
    (REQUEST | {"at": "0001-01-01T00:00:00+14:00"}, "too_old", "at", "before 2026"),
    (REQUEST | {"at": "9999-12-31T23:59:59-14:00"}, "in_future", "at", "ahead"),
    (REQUEST | {"at": "2026-11-21T11:59:00"}, "wrong_type", "at", "no time zone"),
    (REQUEST | {"at": "yesterday"}, "wrong_type", "at", "2026-01-31T12:00:00Z"),
    (REQUEST | {"at": 1763726340}, "wrong_type", "at", "a time in text, and this is a whole number"),
    (REQUEST | {"status": "200"}, "wrong_type", "status", "a whole number, and this is text"),
    (REQUEST | {"status": 99}, "out_of_range", "status", "not be below 100"),
    (REQUEST | {"status": 10**30}, "out_of_range", "status", "not be above 599"),
    (REQUEST | {"duration_ms": -0.5}, "out_of_range", "duration_ms", "not be below 0"),
    (REQUEST | {"duration_ms": 604_800_001}, "out_of_range", "duration_ms", "not be above 604,800,000"),
    (REQUEST | {"duration_ms": float("nan")}, "not_finite", "duration_ms", "NaN and Infinity cannot be stored"),
    (REQUEST | {"duration_ms": float("-inf")}, "not_finite", "duration_ms", "cannot be stored"),
    (REQUEST | {"duration_ms": "NaN"}, "not_finite", "duration_ms", "cannot be stored"),
    (REQUEST | {"route": "x" * 501}, "too_long", "route", "more than 500 characters"),
    (REQUEST | {"route": ""}, "too_short", "route", "some text"),
    (REQUEST | {"route": None}, "wrong_type", "route", "must be text, and this is null"),
    (REQUEST | {"route": "a\0b"}, "nul", None, "NUL"),
    (REQUEST | {"service": "portal"}, "wrong_value", "service", "portal itself"),
    (REQUEST | {"colour": "red"}, "unknown_field", "colour", "no field colour"),
    (REQUEST | {"tenant_id": "acme"}, "wrong_type", "tenant_id", "not a UUID"),
    ({"type": "request", "at": AT}, "missing", "service", "service is missing"),
    ({"at": AT}, "missing", "type", "type is missing"),
    ({"type": "click"}, "wrong_type", "type", "request, message, metric or error"),
    ({"type": 7}, "wrong_type", "type", "text"),
    ([1], "wrong_type", None, "must be an object"),
    (b"7", "wrong_type", None, "must be an object"),
    (b'{"type": "request",', "malformed", None, "not JSON"),
    (b"GET /", "malformed", None, "not JSON"),
    (json.dumps(REQUEST).encode().replace(b"/a", b"/\xff"), "malformed", None, "UTF-8"),
    (json.dumps(REQUEST).encode().replace(b"/a", b"/\\ud800"), "malformed", None, "surrogate"),
    (json.dumps(REQUEST).encode().replace(b"/a", b"/\x00"), "malformed", None, "not JSON"),
    (b"[" * 5_000, "wrong_type", None, "object"),
    (MESSAGE | {"status": "lost"}, "wrong_value", "status", "sent, delivered or failed"),
    (MESSAGE | {"cost": 1}, "missing", "currency", "needs its currency"),
    (MESSAGE | {"cost": -1, "currency": "EUR"}, "out_of_range", "cost", "from 0"),
    (MESSAGE | {"cost": "NaN", "currency": "EUR"}, "not_finite", "cost", "Leave an unknown cost out"),
    (MESSAGE | {"cost": 1e300, "currency": "EUR"}, "out_of_range", "cost", "10,000,000,000"),
    (MESSAGE | {"cost": 1, "currency": "euro"}, "wrong_value", "currency", "three capital letters"),
    (MESSAGE | {"duration_ms": float("inf")}, "not_finite", "duration_ms", "cannot be stored"),
    (METRIC | {"kind": "meter"}, "wrong_value", "kind", "gauge, counter or histogram"),
    (METRIC | {"value": float("nan")}, "not_finite", "value", "cannot be stored"),
    (json.dumps(METRIC).encode().replace(b'"value": 1', b'"value": 1e999'), "out_of_range", "value", "too large"),
    (METRIC | {"value": 1e301}, "wrong_value", None, "1e300"),
    (METRIC | {"kind": "counter", "value": -1}, "wrong_value", None, "counter only grows"),
    (METRIC | {"count": 2}, "wrong_value", None, "histogram"),
    (METRIC | {"labels": {"a": 1}}, "wrong_type", "labels", "must be text"),
    (METRIC | {"labels": {"a": "x" * 201}}, "too_long", "labels", "200 characters"),
    (METRIC | {"labels": {str(n): "" for n in range(21)}}, "wrong_value", None, "21 labels"),
    (ERROR | {"message": "x" * 10_001}, "too_long", "message", "10,000 characters"),
    (ERROR | {"trace": "x" * 300_000}, "too_long", "trace", "100,000 characters"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1]}-{case[2]}")
def test_a_bad_row_is_told_by_code_field_and_sentence(case):
    row, code, field, part = case
    found = told(row)
    assert found[:2] == (code, field), found
    assert part in found[2]
    assert found[2].endswith((".", "}")), found[2]


def test_what_only_looks_bad_is_good():
    found = judged(
        REQUEST | {"route": "NaN"}, REQUEST | {"route": "a\\u0000"}, REQUEST | {"at": "2026-11-21T12:10:00Z"},
        REQUEST | {"at": "2026-11-14T12:00:00Z"}, REQUEST | {"at": "2026-11-21T13:59:00.1234567+02:00"},
        MESSAGE | {"cost": 0, "currency": "EUR"}, METRIC | {"kind": "histogram", "count": 3, "labels": {"le": ""}},
        json.dumps(METRIC).encode() + b"\r", ERROR | {"message": "NaN, Infinity"},
    )  # fmt: skip
    assert (found.problems, len(found.good)) == ([], 9)


def test_a_row_larger_than_it_may_be_is_refused_whatever_it_holds():
    many = {f"k{n}": "x" * 200 for n in range(20)}
    row = json.dumps(METRIC | {"labels": many}).encode().replace(b"}}", b"}" + b" " * rules.MAX_ROW_BYTES + b"}")
    assert told(row)[0] == "too_long"


def test_bad_rows_spoil_no_others_and_keep_their_numbers():
    found = judged(REQUEST, b"{", b"", MESSAGE, REQUEST | {"status": 1}, METRIC)
    assert [index for index, _ in found.good] == [0, 3, 5]
    assert [one.index for one in found.problems] == [1, 4]


def test_lines_are_rows_and_blank_ones_are_skipped():
    sent = split_lines(b"\xef\xbb\xbf{}\r\n\n {} \n")
    assert (sent.batch_id, sent.rows) == (None, [b"{}", b"", b"{}", b""])


@pytest.mark.parametrize(
    "bad", [b"NaN", b"-Infinity", b"tru", b"01", b'"\\ud800"', b'"\xff"', b'"}]"', b"{,}", b"[1,]"]
)
def test_a_row_that_is_no_json_is_cut_out_of_its_list(bad):
    body = b'{"batch_id": "b", "events": [{"a": 1}, {"x": ' + bad + b', "s": "[{\\"}]"}, {"a": {"b": [2]}}]}'
    sent = split_json(body)
    assert sent.batch_id == "b"
    assert [sent.rows[0], sent.rows[2]] == [b'{"a": 1}', b'{"a": {"b": [2]}}']
    assert sent.rows[1] == b'{"x": ' + bad + b', "s": "[{\\"}]"}'


def test_rows_of_other_kinds_stay_rows_beside_damaged_ones():
    assert split_json(b'{"events": [5, {"a": NaN}, null, "x"], "batch_id": "b"}').rows == [
        b"5",
        b'{"a": NaN}',
        b"null",
        b'"x"',
    ]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"null", b'{"events": 5}', b'{"events": [], "more": 1}', b'{"batch_id": 5, "events": []}', b"[" * 100_000,
     b'{"events": [{"a": NaN]}', b'{"events": [{"a": NaN}, 0]}', b'{"events": [tru, {"a": 1}]}', b'{"more": [{"a": NaN}]}'],
)  # fmt: skip
def test_a_body_whose_rows_cannot_be_told_apart_is_refused_whole(body):
    with pytest.raises(Damaged, match="batch_id"):
        split_json(body)


def test_ten_thousand_rows_and_no_more(monkeypatch):
    monkeypatch.setattr(splitting.rules, "MAX_ROWS", 3)
    assert len(split_lines(b"{}\n{}\n\n{}\n").rows) == 5
    with pytest.raises(TooManyRows, match="at most 3 rows"):
        split_lines(b"{}\n{}\n{}\n{}\n")
    with pytest.raises(TooManyRows):
        split_json(b'{"events": [1, 2, 3, 4]}')


def test_bodies_are_unpacked_up_to_their_limit():
    assert unpack(b"abc", "", 3) == b"abc"
    assert unpack(gzip.compress(b"abc"), " GZIP ", 3) == b"abc"
    assert unpack(gzip.compress(b"ab") + gzip.compress(b"c"), "gzip", 3) == b"abc"
    assert unpack(zlib.compress(b"abc"), "deflate", 3) == b"abc"
    for encoding, body in (("", b"abcd"), ("gzip", gzip.compress(b"abcd")), ("gzip", gzip.compress(b"ab") * 2)):
        with pytest.raises(TooLarge):
            unpack(body, encoding, 3)


def test_a_bomb_of_gzip_is_not_unpacked(monkeypatch):
    bomb = gzip.compress(bytes(200 * 1024 * 1024), 9)
    held = []
    original = zlib.decompressobj

    def watched(window):
        inner = original(window)

        class Member:
            eof = property(lambda self: inner.eof)
            unused_data = property(lambda self: inner.unused_data)

            def decompress(self, body, most):
                held.append(len(out := inner.decompress(body, most)))
                return out

        return Member()

    monkeypatch.setattr("core.health.ingest.unpacking.zlib.decompressobj", watched)
    with pytest.raises(TooLarge, match="1 MiB"):
        unpack(bomb, "gzip", 1024 * 1024)
    assert sum(held) == 1024 * 1024 + 1


@pytest.mark.parametrize(
    "body", [b"plain", gzip.compress(b"abc")[:-9], gzip.compress(b"abc") + b"more", b""],
    ids=["plain", "cut", "longer", "empty"],
)  # fmt: skip
def test_a_damaged_archive_is_a_sentence(body):
    if not body:
        assert unpack(body, "gzip", 9) == b""
        return
    with pytest.raises(Invalid):
        unpack(body, "gzip", 9)


def test_an_unknown_encoding_is_refused():
    with pytest.raises(UnknownEncoding, match="gzip"):
        unpack(b"", "br", 9)


def actor(**values: object) -> Actor:
    return Actor(None, "key", "api_key", frozenset({"telemetry:create"}), **values)


def test_rows_belong_to_the_tenant_of_a_bound_key():
    other = uuid4()
    found = judged(REQUEST, REQUEST | {"tenant_id": str(TENANT)}, REQUEST | {"tenant_id": str(other)})
    judging.admit(found, actor(scope="tenant", tenant_id=TENANT), {TENANT, other})
    assert [(index, row.tenant_id) for index, row in found.good] == [(0, TENANT), (1, TENANT)]
    assert [(one.index, one.code, one.field) for one in found.problems] == [(2, "other_tenant", "tenant_id")]


def test_a_platform_key_names_tenants_that_exist():
    found = judged(REQUEST, REQUEST | {"tenant_id": str(TENANT)}, REQUEST | {"tenant_id": str(uuid4())})
    judging.admit(found, actor(scope="all"), {TENANT})
    assert [(index, row.tenant_id) for index, row in found.good] == [(0, None), (1, TENANT)]
    assert [(one.index, one.code) for one in found.problems] == [(2, "unknown_tenant")]


def test_who_sees_assigned_tenants_only_says_which():
    found = judged(REQUEST, REQUEST | {"tenant_id": str(TENANT)})
    judging.admit(found, actor(scope="assigned"), {TENANT})
    assert [index for index, _ in found.good] == [1]
    assert [(one.index, one.code) for one in found.problems] == [(0, "missing")]


def test_the_query_of_a_route_is_not_kept():
    assert [rules.path_of(one) for one in ("/a?token=x", "/a#b", "?x", "/a")] == ["/a", "/a", "/", "/a"]


def test_the_answer_names_the_first_hundred_problems():
    problems = [rules.Problem(index, "nul", None, "x") for index in reversed(range(150))]
    answer = rules.answer_of("b", 7, problems)
    assert (answer["accepted"], answer["rejected"]) == (7, 150)
    assert [one["index"] for one in answer["errors"]] == list(range(100))


def test_times_without_a_limit_behind_them_go_back_to_2000():
    assert rules.time_problem(NOW - timedelta(days=4_000), now=NOW, past=None) is None
    assert "2000" in str(rules.time_problem(datetime(1999, 12, 31, tzinfo=UTC), now=NOW, past=None))
