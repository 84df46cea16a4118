"""Figures of requests over HTTP."""

import pytest

from core.kernel.actor import Actor
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.health.traffic import ago, requests
from tests.core.platform.test_keys import make as make_key

HERE = "/api/v1/superadmin/requests/metrics"
SYSTEM = Actor.system("test")


def test_figures_come_with_the_time_before_and_the_course(signed_in, raw):
    requests(raw, [
        {"at": ago(minutes=5), "duration_ms": 100}, {"at": ago(minutes=5), "status": 500, "duration_ms": None},
        {"at": ago(hours=30)},
    ])  # fmt: skip
    body = signed_in("support").get(HERE).json()
    assert (body["grain"], body["now"]["requests"], body["now"]["timed"], body["before"]["requests"]) == (
        "hour",
        2,
        1,
        1,
    )
    assert (body["now"]["error_ratio"], body["now"]["mean_ms"]) == (0.5, 100)
    assert body["now"]["p95_ms"] == pytest.approx(100, rel=0.02)
    assert sum(bucket["requests"] for bucket in body["buckets"]) == 2
    assert {bucket["p95_ms"] for bucket in body["buckets"] if not bucket["requests"]} == {None}


def test_nothing_asked_is_null_and_not_zero(signed_in):
    body = signed_in("support").get(HERE).json()
    assert body["now"]["requests"] == 0
    assert (body["now"]["error_ratio"], body["now"]["p99_ms"], body["now"]["per_minute"]) == (None, None, None)
    assert (body["counted_at"], body["buckets"]) == (None, [])


def test_filters_narrow(signed_in, raw, system):
    acme = make_tenant(system, "Acme")
    requests(
        raw, [{"at": ago(minutes=5), "tenant_id": acme.id, "status": 404}, {"at": ago(minutes=5), "route": "/pay"}]
    )
    client = signed_in("support")
    for query in (
        {"tenant_id": str(acme.id)},
        {"route": "/pay"},
        {"status_class": 4},
        {"service": "shop", "status_class": 2},
    ):
        assert client.get(HERE, params=query).json()["now"]["requests"] == 1, query
    assert client.get(HERE, params={"channel": "api"}).json()["now"]["requests"] == 0


@pytest.mark.parametrize(
    "query",
    [
        {"since": "yesterday"}, {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
        {"since": "2020-01-01T00:00:00Z"}, {"channel": "fax"}, {"tenant_id": "1"}, {"status_class": 9},
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_a_problem(signed_in, query):
    assert signed_in("support").get(HERE, params=query).status_code == 422


def test_a_key_of_one_tenant_sees_its_requests_alone(client, raw, system):
    acme, globex = make_tenant(system, "Acme"), make_tenant(system, "Globex")
    requests(raw, [{"at": ago(minutes=5), "tenant_id": one.id} for one in (acme, globex, globex)])
    key = make_key(SYSTEM, tenant_id=acme.id, scopes=["health:read"])
    answer = client.get(HERE, headers={"Authorization": f"Bearer {key.key}"})
    assert answer.json()["now"]["requests"] == 1
    other = client.get(HERE, params={"tenant_id": str(globex.id)}, headers={"Authorization": f"Bearer {key.key}"})
    assert other.json()["now"]["requests"] == 0


def test_it_takes_the_right_to_see_health(client, system):
    assert client.get(HERE).status_code == 401
    key = make_key(system, scopes=["tenants:read"])
    assert client.get(HERE, headers={"Authorization": f"Bearer {key.key}"}).status_code == 403
