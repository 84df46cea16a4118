"""What comes in: sizes, types, text that cannot be stored, methods and paths that do not exist."""

import pytest

PATH = "/api/v1/superadmin/tenants"
ACME = {"name": "Acme", "domain": "acme.example"}
JSON = {"Content-Type": "application/json"}


def _is_problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    return answer.json()["request_id"] == answer.headers["x-request-id"]


def test_body_over_a_mebibyte_is_refused_before_anything_else(client):
    assert _is_problem(client.post(PATH, content=b"x" * (1024 * 1024 + 1), headers=JSON), 413)


def test_body_without_a_length_is_counted(signed_in):
    def parts():
        for _ in range(20):
            yield b"x" * 65536

    assert _is_problem(signed_in("admin").post(PATH, content=parts(), headers=JSON), 413)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/jsonx"]
)
def test_body_of_another_type_is_415(signed_in, kind):
    assert _is_problem(signed_in("admin").post(PATH, content=b"{}", headers={"Content-Type": kind}), 415)


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "A\\u0000B", "domain": "a.example"}', b'{"name": "\\ud800", "domain": "a.example"}', b"\xff", b"{",
        b"[" * 100_000, b'{"name": "A", "domain": "a.example", "seats": 1e400}', b"NaN", b"",
        b'{"name": "A", "domain": "a.example", "seats": 99999999999999999999999}',
    ],
)  # fmt: skip
def test_body_that_cannot_be_read_or_stored_is_422(signed_in, raw, body):
    assert _is_problem(signed_in("admin").post(PATH, content=body, headers=JSON), 422)
    assert raw("SELECT count(*) FROM tenant")[0].count == 0


def test_backslash_u0000_as_text_is_no_nul(signed_in):
    answer = signed_in("admin").post(PATH, content=b'{"name": "A\\\\u0000", "domain": "a.example"}', headers=JSON)
    assert (answer.status_code, answer.json()["name"]) == (201, "A\\u0000")


def test_nul_in_query_and_path_is_422(signed_in):
    client = signed_in("admin")
    assert _is_problem(client.get(f"{PATH}?search=a%00b"), 422)
    assert _is_problem(client.post("/api/v1/superadmin/schedules/a%00/pause"), 422)


def test_line_break_in_a_path_stays_within_the_api(client):
    assert _is_problem(client.get("/api/v1/superadmin/tenants/a%0Ab"), 401)
    assert _is_problem(client.get("/api/v1/not%0Ahere"), 404)


def test_other_method_is_405_and_names_those_of_the_path(client):
    answer = client.put(PATH)
    assert _is_problem(answer, 405)
    assert answer.headers["allow"] == "GET, POST"
    assert client.post(f"{PATH}/x").headers["allow"] == "GET, PATCH, DELETE"


@pytest.mark.parametrize(
    ("accept", "status"),
    [("application/json", 401), ("*/*", 401), ("application/*;q=0.5", 401), ("text/html, */*;q=0.1", 401),
     ("text/html", 406), ("text/csv", 406), ("application/json;q=0, text/html", 406)],
)  # fmt: skip
def test_accept(client, accept, status):
    assert _is_problem(client.get(PATH, headers={"Accept": accept}), status)


def test_export_answers_in_csv_alone(signed_in):
    client = signed_in("admin")
    where = "/api/v1/superadmin/audit-logs/export"
    assert client.get(where, headers={"Accept": "text/csv"}).headers["content-type"].startswith("text/csv")
    assert _is_problem(client.get(where, headers={"Accept": "application/json"}), 406)


def test_damaged_cursors_are_a_sentence(signed_in):
    client = signed_in("admin")
    for cursor in ("%%%", "bm90anNvbg", "WzFd", "WzEsMl0", "W251bGwsbnVsbF0", "eyJhIjoxfQ", "MQ", "é"):
        answer = client.get(PATH, params={"cursor": cursor, "sort": "name"})
        assert _is_problem(answer, 422)
        assert list(answer.json()["errors"]) == ["cursor"]
