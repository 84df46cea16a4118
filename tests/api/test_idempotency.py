"""Idempotency-Key: done once, answered alike."""

from datetime import timedelta

import pytest

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.platform.answers import claims, tasks
from core.platform.answers.claims import Answer, Asked, InProgress

PATH = "/api/v1/superadmin/tenants"
ACME = {"name": "Acme", "domain": "acme.example"}
KEY = {"Idempotency-Key": "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"}


@pytest.fixture
def asked():
    return Asked(
        actor_id=Actor.system("x").id or __import__("uuid").uuid4(), route="POST /x", key="k", fingerprint=b"1"
    )


def test_second_call_gets_the_first_answer_and_does_nothing(signed_in, raw):
    client = signed_in("admin")
    first = client.post(PATH, json=ACME, headers=KEY)
    second = client.post(PATH, json=ACME, headers=KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert (second.headers["location"], second.headers["etag"]) == (first.headers["location"], '"1"')
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert raw("SELECT count(*) FROM tenant")[0].count == 1
    assert raw("SELECT count(*) FROM audit_entry WHERE action = 'tenants.create'")[0].count == 1


def test_same_key_with_another_body_is_refused(signed_in, raw):
    client = signed_in("admin")
    client.post(PATH, json=ACME, headers=KEY)
    answer = client.post(PATH, json=ACME | {"name": "Other"}, headers=KEY)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["Idempotency-Key"])
    assert raw("SELECT name FROM tenant") == [("Acme",)]


def test_refused_call_gives_its_key_back(signed_in):
    client = signed_in("admin")
    assert client.post(PATH, json=ACME | {"domain": "no domain"}, headers=KEY).status_code == 422
    assert client.post(PATH, json=ACME, headers=KEY).status_code == 201


def test_defect_is_never_repeated(signed_in, monkeypatch):
    from core.customers.tenants import actions

    client = signed_in("admin")
    with monkeypatch.context() as broken:
        broken.setattr(actions, "create", lambda *_, **__: 1 / 0)
        assert client.post(PATH, json=ACME, headers=KEY).status_code == 500
    assert client.post(PATH, json=ACME, headers=KEY).status_code == 201


def test_keys_of_two_callers_have_nothing_to_do_with_each_other(signed_in):
    assert signed_in("admin").post(PATH, json=ACME, headers=KEY).status_code == 201
    other = signed_in("super_admin").post(PATH, json=ACME | {"domain": "b.example"}, headers=KEY)
    assert (other.status_code, other.json()["domain"]) == (201, "b.example")


def test_call_in_progress_is_told(db, asked):
    assert claims.claim(asked) is None
    with pytest.raises(InProgress) as told:
        claims.claim(asked)
    assert (told.value.status, told.value.headers) == (409, {"Retry-After": "1"})


def test_call_whose_process_died_is_taken_over(db, raw, asked):
    claims.claim(asked)
    raw("UPDATE api_answer SET claimed_at = now() - interval '2 minutes'")
    assert claims.claim(asked) is None


def test_process_that_died_after_the_commit_does_nothing_twice(signed_in, raw):
    client = signed_in("admin")
    client.post(PATH, json=ACME, headers=KEY)
    raw("UPDATE api_answer SET status = NULL, body = NULL, claimed_at = now() - interval '2 minutes'")
    answer = client.post(PATH, json=ACME, headers=KEY)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:quarterdeck:already_done")
    assert raw("SELECT count(*) FROM tenant")[0].count == 1


def test_answer_is_kept_for_a_day_and_encrypted(db, raw, asked, system):
    claims.claim(asked)
    claims.keep(asked, Answer(201, {"etag": '"1"'}, '{"secret":"shown once"}'))
    again = claims.claim(asked)
    assert again == Answer(201, {"etag": '"1"'}, '{"secret":"shown once"}')
    assert b"shown once" not in bytes(raw("SELECT body FROM api_answer")[0].body)
    with pytest.raises(Invalid):
        claims.claim(Asked(asked.actor_id, asked.route, asked.key, b"2"))
    tasks.clean_up(system)
    assert raw("SELECT count(*) FROM api_answer")[0].count == 1
    raw("UPDATE api_answer SET claimed_at = claimed_at - :day", day=timedelta(hours=24, minutes=1))
    tasks.clean_up(system)
    assert raw("SELECT count(*) FROM api_answer")[0].count == 0
