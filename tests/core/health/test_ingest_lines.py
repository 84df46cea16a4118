"""Lines of access logs, and files cut into parts that stay the same."""

import gzip
import json
from datetime import UTC, datetime

import pytest

from core.health.ingest import files, lines
from core.health.ingest.lines import BadLine, folded, parse
from core.kernel.errors import Invalid, NotFound

COMMON = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif?x=1 HTTP/1.0" 200 2326'
AT = datetime(2000, 10, 10, 20, 55, 36, tzinfo=UTC)


def of(text: str):
    row = parse(text, service="web")
    return row.method, row.route, row.status, row.response_bytes


def test_common_and_combined_lines_of_the_manual():
    combined = COMMON + ' "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"'
    for text in (COMMON, combined, combined + ' 0.003 "-"'):
        assert of(text) == ("GET", "/apache_pb.gif", 200, 2326)
        row = parse(text, service="web")
        assert (row.at, row.service, row.duration_ms, row.tenant_id) == (AT, "web", None, None)


@pytest.mark.parametrize(
    ("request_line", "told"),
    [("POST /a/b HTTP/1.1", ("POST", "/a/b")), ("GET /a b HTTP/1.1", ("-", "(malformed)")), ("-", ("-", "(malformed)")),
     (r"\x16\x03\x01", ("-", "(malformed)")), ("", ("-", "(malformed)")), ("GET /", ("GET", "/")),
     ("GET http://shop.example/a?b HTTP/1.1", ("GET", "/a")), ("OPTIONS * HTTP/1.0", ("OPTIONS", "*")),
     (r"GET /\"quoted\" HTTP/1.1", ("GET", r"/\"quoted\"")), ("get /x HTTP/1.1", ("GET", "/x"))],
)  # fmt: skip
def test_what_was_answered_counts_whatever_was_asked(request_line, told):
    text = f'::1 - - [10/Oct/2000:13:55:36 +0000] "{request_line}" 400 -'
    assert of(text) == (*told, 400, None)


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "format"), ("hello", "format"), (COMMON[:-9], "format"), (COMMON + ' "http://a', "format"),
     (COMMON.replace("Oct", "Okt"), "time"), (COMMON.replace("10/Oct", "32/Oct"), "time"),
     (COMMON.replace("200 ", "999 "), "status"),
     ("{", "not JSON"), ("{}", "method and path"), ('{"method": "GET", "path": "/"}', "no time"),
     ('{"method": "GET", "path": "/", "time": "2026-01-01T00:00:00"}', "no zone"),
     ('{"method": "GET", "path": "/", "time": "soon"}', "time cannot be read"),
     ('{"method": "GET", "path": "/", "time": 1e300}', "time cannot be read"),
     ('{"method": "GET", "path": "/", "time": 1}', "no status"),
     ('{"method": "GET", "path": "/", "time": 1, "status": "x"}', "no status"),
     ('{"method": "GET", "path": "/", "time": 1, "status": 200, "request_time": -1}', "negative"),
     ('{"method": "GET", "path": "/", "time": 1, "status": 200, "request_time": "nan"}', "finite"),
     ('{"method": "GET", "path": "/", "time": 1, "status": 200, "request_time": "fast"}', "not a number")],
)  # fmt: skip
def test_bad_lines_say_why(text, why):
    with pytest.raises(BadLine, match=why):
        parse(text, service="web")


@pytest.mark.parametrize(
    "held",
    [
        {"time_iso8601": "2000-10-10T13:55:36-07:00", "request_method": "GET", "request_uri": "/a?b=1", "status": "200",
         "request_time": "0.0125", "body_bytes_sent": "17", "request_id": "abc"},
        {"time_local": "10/Oct/2000:13:55:36 -0700", "request": "GET /a?b HTTP/1.1", "status": 200, "request_time": 0.0125,
         "bytes_sent": 17, "trace_id": "abc"},
        {"msec": "971211336.000", "method": "get", "path": "/a", "status_code": 200, "duration_ms": 12.5, "bytes": 17,
         "http_x_request_id": "abc"},
        {"ts": 971211336.0, "request": {"method": "GET", "uri": "/a"}, "status": 200, "duration": 0.0125, "size": 17,
         "trace_id": "abc"},
        {"timestamp": 971211336000, "method": "GET", "url": "/a#x", "status": 200, "duration_ms": "12.5", "size": 17,
         "correlation_id": "abc"},
    ],
    ids=["nginx", "nginx request", "msec", "caddy", "milliseconds"],
)  # fmt: skip
def test_json_of_usual_names(held):
    row = parse(json.dumps(held), service="web")
    assert (row.at, row.method, row.route, row.status) == (AT, "GET", "/a", 200)
    assert (row.duration_ms, row.response_bytes, row.trace_id) == (12.5, 17, "abc")


def test_ids_in_paths_are_folded():
    assert folded("/orders/17/items/42") == "/orders/{id}/items/{id}"
    assert folded("/u/0190a5b6-0000-7000-8000-00000000000A/x") == "/u/{id}/x"
    assert folded("/blob/9f86d081884c7d65/raw") == "/blob/{id}/raw"
    assert folded("/v2/deadbeefcafe/face/2015x") == "/v2/deadbeefcafe/face/2015x"


def test_long_routes_are_cut():
    assert len(of(COMMON.replace("/apache_pb.gif", "/" + "x" * 900))[1]) == lines.MAX_ROUTE


def parts(path, ends=None):
    with files.opened(path) as file:
        return list(file.parts(ends or {}))


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(files, "LINES", 3)


def test_parts_are_the_same_in_a_file_that_grew(tmp_path, short):
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(b"%d\n" % number for number in range(8)))
    before = parts(path)
    assert [(part.first, len(part.lines), part.end) for part in before] == [(1, 3, 6), (4, 3, 12), (7, 2, 16)]
    with path.open("ab") as file:
        file.write(b"8\n9\n")
    ends = {16: {before[2].digest}}
    after = parts(path, ends)
    assert [one.id for one in after[:3]] == [one.id for one in before]
    assert (after[3].first, after[3].lines) == (9, [b"8", b"9"])
    path.write_bytes(b"x" + path.read_bytes()[1:])
    other = parts(path, ends)
    assert not {one.id for one in other} & {one.id for one in before}
    assert [len(part.lines) for part in other] == [3, 3, 3, 1], "another file does not end where that one did"


def test_a_packed_file_has_the_parts_of_the_plain_one(tmp_path, short):
    plain, packed = tmp_path / "a.log", tmp_path / "b"
    plain.write_bytes(b"1\r\n2\n\n4")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert [part.id for part in parts(packed)] == [part.id for part in parts(plain)]
    assert parts(packed)[0].lines == [b"1", b"2", b""]


def test_a_line_without_an_end_is_cut_and_marked(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LINE", 4)
    path = tmp_path / "a.log"
    path.write_bytes(b"abc\n" + b"x" * 11 + b"\nabcd\nab")
    (part,) = parts(path)
    assert part.lines == [b"abc", b"xxxx", b"abcd", b"ab"]
    assert part.cut == {2, 3}
    assert part.end == path.stat().st_size


def test_parts_end_at_a_number_of_bytes_too(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "BYTES", 10)
    path = tmp_path / "a.log"
    path.write_bytes(b"12345\n" * 5)
    assert [len(part.lines) for part in parts(path)] == [2, 2, 1]


def test_files_that_cannot_be_read_are_sentences(tmp_path):
    with pytest.raises(NotFound, match="cannot be read"):
        parts(tmp_path / "nowhere")
    damaged = tmp_path / "a.gz"
    damaged.write_bytes(gzip.compress(bytes(100_000))[:-20])
    with pytest.raises(Invalid, match="damaged"):
        parts(damaged)


def test_an_empty_file_has_no_parts(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    assert parts(tmp_path / "a") == []
