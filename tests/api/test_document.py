"""The OpenAPI document: complete, unambiguous, with every error named."""

import re

import jsonschema
import pytest

from api import api
from api.problems import MEANING, MEDIA_TYPE, SCHEMA

DOCUMENT = api.openapi()
OPERATIONS = [(method, path, told) for path, item in DOCUMENT["paths"].items() for method, told in item.items()]


def test_operation_ids_are_unique_and_words():
    ids = [told["operationId"] for _, _, told in OPERATIONS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]+", one) for one in ids)


@pytest.mark.parametrize(("method", "path", "told"), OPERATIONS, ids=[told["operationId"] for *_, told in OPERATIONS])
def test_operation_says_what_it_is_and_names_its_errors(method, path, told):
    assert told["summary"]
    assert told["description"]
    assert len(told["tags"]) == 1
    wanted = {405, 406, 429, 500, 503, 504}
    wanted |= {401, 403} if told.get("security") != [] else set()
    wanted |= {404} if "{" in path else set()
    wanted |= {413, 415, 422} if "requestBody" in told else set()
    assert wanted <= {int(status) for status in told["responses"]}
    for status, response in told["responses"].items():
        if int(status) >= 400 and "$ref" not in response:
            assert list(response["content"]) == [MEDIA_TYPE]
        if int(status) < 300:
            assert "X-Request-ID" in response["headers"]


def test_changes_that_can_be_lost_take_if_match_and_name_412():
    told = DOCUMENT["paths"]["/v1/superadmin/tenants/{tenant_id}"]
    assert {"409", "412"} <= set(told["patch"]["responses"])
    assert "428" in told["delete"]["responses"]
    assert {"304", "200"} <= set(told["get"]["responses"])
    assert "Idempotency-Replayed" in DOCUMENT["paths"]["/v1/superadmin/tenants"]["post"]["responses"]["201"]["headers"]


def test_every_reference_leads_somewhere():
    def walk(part):
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                found = DOCUMENT
                for name in part["$ref"].removeprefix("#/").split("/"):
                    found = found[name]
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(DOCUMENT)
    assert set(DOCUMENT["components"]["securitySchemes"]) == {"session", "key", "key_header"}
    assert set(DOCUMENT["components"]["responses"]) == {str(status) for status in MEANING}


def test_bodies_have_bounds_and_refuse_what_they_do_not_know():
    for _, path, told in OPERATIONS:
        schema = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        name = schema.get("$ref", "").rpartition("/")[2]
        if name and path.startswith("/v1/superadmin/tenants"):
            assert DOCUMENT["components"]["schemas"][name]["additionalProperties"] is False, path


def test_document_is_served_and_problems_fit_their_schema(client):
    served = client.get("/api/v1/openapi.json")
    assert served.json()["info"]["title"] == "Quarterdeck"
    for answer in (client.get("/api/v1/superadmin/me"), client.get("/api/v1/x"), client.put("/api/v1/healthz")):
        jsonschema.validate(answer.json(), SCHEMA)
