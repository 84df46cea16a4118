"""If-Match and If-None-Match after RFC 9110."""

import pytest

from api.conditions import is_known, read_condition
from core.kernel.errors import Conflict, Invalid

PATH = "/api/v1/superadmin/tenants"
ACME = {"name": "Acme", "domain": "acme.example"}


@pytest.mark.parametrize(
    ("header", "expected"),
    [(None, None), ("*", None), ('"3"', 3), (' "3" ', 3), ('"2", "3"', 3), ('"3","9"', 3), ('W/"2", "3"', 3)],
)
def test_version_that_must_be_present(header, expected):
    assert read_condition(header).against(lambda: 3) == expected


@pytest.mark.parametrize("header", ['W/"3"', '"abc"', '"1", "2"', '""'])
def test_tags_that_never_match_are_a_conflict(header):
    with pytest.raises(Conflict):
        read_condition(header).against(lambda: 3)


@pytest.mark.parametrize("header", ["3", '"3', '"3" "4"', "nonsense", '"3";'])
def test_malformed_tags_are_a_sentence(header):
    with pytest.raises(Invalid, match="Entity tags"):
        read_condition(header)


@pytest.mark.parametrize(
    ("header", "known"),
    [(None, False), ("*", True), ('"3"', True), ('W/"3"', True), ('"1", "3"', True), ('"4"', False), ("3", False)],
)
def test_known_version_is_compared_weakly(header, known):
    assert is_known(header, '"3"') is known


def test_reader_who_has_the_version_gets_no_body(signed_in):
    client = signed_in("admin")
    made = client.post(PATH, json=ACME)
    where, etag = made.headers["location"], made.headers["etag"]
    same = client.get(where, headers={"If-None-Match": etag})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    client.patch(where, json={"seats": 7})
    assert client.get(where, headers={"If-None-Match": etag}).json()["seats"] == 7


def test_any_of_several_versions_will_do(signed_in):
    client = signed_in("admin")
    where = client.post(PATH, json=ACME).headers["location"]
    assert client.post(f"{where}/suspend", json={"reason": "x"}, headers={"If-Match": '"7", "1"'}).status_code == 200
    assert client.post(f"{where}/reactivate", headers={"If-Match": '"7", "1"'}).status_code == 412
    assert client.post(f"{where}/reactivate", headers={"If-Match": "nonsense"}).status_code == 422
