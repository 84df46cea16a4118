"""Metrics over HTTP: recorded with the fields of the models document, listed, their course, dashboard and conditions."""

from datetime import UTC, datetime, timedelta

import pytest

from api import limits
from core.health.metrics.models import METRIC_ROLLUP
from core.platform.keys.limiting import Limiter
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.health.test_metrics_recording import point, save
from tests.core.platform.test_keys import make
from tests.core.platform.test_keys_limiting import Clock

PATH = "/api/v1/superadmin/metrics"
CPU = {"metric_name": "cpu_usage", "metric_type": "gauge", "value": 75.5, "unit": "percent", "service": "api",
       "tags": {"host": "api-01", "region": "us-east"}}  # fmt: skip


@pytest.fixture(autouse=True)
def _quiet_clock(monkeypatch):
    monkeypatch.setattr(limits, "_limiter", Limiter(Clock()))


def sender(system, **values):
    return {"Authorization": f"Bearer {make(system, **({'scopes': ['telemetry:create']} | values)).key}"}


def test_one_value_is_recorded_with_the_fields_of_the_document(client, system, raw):
    answer = client.post(PATH, json=CPU, headers=sender(system))
    assert (answer.status_code, answer.json()["accepted"]) == (201, 1)
    [row] = raw("SELECT s.*, p.value FROM metric_point p JOIN metric_series s ON s.id = p.series_id")
    assert (row.name, row.kind, row.value, row.unit, row.service) == ("cpu_usage", "gauge", 75.5, "percent", "api")
    assert row.labels == {"host": "api-01", "region": "us-east"}


def test_several_values_are_recorded_and_bad_ones_told(client, system, raw):
    late = CPU | {"measured_at": (datetime.now(UTC) - timedelta(days=30)).isoformat()}
    answer = client.post(PATH, json={"metrics": [CPU, late]}, headers=sender(system))
    body = answer.json()
    assert (answer.status_code, body["accepted"], body["rejected"], body["errors"][0]["index"]) == (201, 1, 1, 1)
    refused = client.post(PATH, json=late, headers=sender(system))
    assert refused.status_code == 422 and "measured_at" in refused.json()["errors"]
    assert raw("SELECT count(*) FROM metric_point")[0][0] == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"metric_name": ""}, {"metric_type": "rate"}, {"value": "75"}, {"value": None}, {"unit": "x" * 41},
        {"tags": {"a": 1}}, {"tags": {"a": "x" * 201}}, {"measured_at": "today"}, {"metric_id": "x"}, {"tenant_id": "x"},
        {"tenant_id": "5e0bd4b3-5c1c-4f0e-9c62-6b0e3c1ab871"}, {"metric_type": "counter", "value": -1},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_recorded_is_422(client, system, raw, bad):
    assert client.post(PATH, json=CPU | bad, headers=sender(system)).status_code == 422
    assert raw("SELECT count(*) FROM metric_point")[0][0] == 0


def test_the_same_call_again_records_nothing_twice(client, system, raw):
    headers = sender(system) | {"Idempotency-Key": "k1"}
    answers = [client.post(PATH, json=CPU, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    client.post(PATH, json=CPU, headers=sender(system))
    assert raw("SELECT count(*) FROM metric_point")[0][0] == 2


def test_a_key_of_a_tenant_records_for_it_alone(client, system, raw):
    mine, other = make_tenant(system, "Mine"), make_tenant(system, "Other")
    headers = sender(system, tenant_id=mine.id)
    assert client.post(PATH, json=CPU, headers=headers).status_code == 201
    assert client.post(PATH, json=CPU | {"tenant_id": str(other.id)}, headers=headers).status_code == 422
    assert raw("SELECT tenant_id FROM metric_point")[0].tenant_id == mine.id


def test_recording_and_reading_take_rights(client, signed_in, system):
    reader = sender(system, scopes=["health:read"])
    assert client.post(PATH, json=CPU, headers=reader).status_code == 403
    assert client.get(PATH, headers=reader).status_code == 200
    assert client.get(PATH, headers=sender(system)).status_code == 403
    assert client.get(PATH).status_code == 401


def test_series_are_listed_filtered_and_paged(signed_in):
    save([point(name=f"m{number}", service="api", labels={"n": str(number % 2)}) for number in range(3)])
    client = signed_in("support")
    first = client.get(PATH, params={"limit": 2}).json()
    second = client.get(PATH, params={"limit": 2, "cursor": first["next"]}).json()
    assert [item["name"] for item in first["items"] + second["items"]] == ["m0", "m1", "m2"]
    assert [item["name"] for item in client.get(PATH, params={"label": "n=1"}).json()["items"]] == ["m1"]
    assert [item["name"] for item in client.get(PATH, params={"search": "M2", "fields": "name"}).json()["items"]] == [
        "m2"
    ]
    assert client.get(PATH, params={"service": "other"}).json()["items"] == []
    assert client.get(PATH, params={"label": "n"}).status_code == 422
    shown = client.get(f"{PATH}/{first['items'][0]['id']}").json()
    assert (shown["name"], shown["labels"]) == ("m0", {"n": "0"})
    assert client.get(f"{PATH}/5e0bd4b3-5c1c-4f0e-9c62-6b0e3c1ab871").status_code == 404


def test_course_of_a_series(signed_in, raw):
    client = signed_in("support")
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    save([point()])
    [item] = client.get(PATH).json()["items"]
    raw(
        f"INSERT INTO {METRIC_ROLLUP.hour.__tablename__} (bucket, series_id, total, value_total_sum, count_sum, value_max,"
        " value_min, sketch_keys, sketch_counts) VALUES (:at, :id, 2, 30, 2, 20, 10, '{}', '{}')", at=hour, id=item["id"],
    )  # fmt: skip
    [bucket] = client.get(f"{PATH}/{item['id']}/points").json()["items"]
    assert (bucket["points"], bucket["mean"], bucket["min"], bucket["max"], bucket["p50"]) == (
        2,
        15.0,
        10.0,
        20.0,
        None,
    )
    assert bucket["bucket"] == hour.isoformat().replace("+00:00", "Z")
    ends_first = {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
    too_long = {"since": "2020-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
    for wrong in (ends_first, too_long):
        assert client.get(f"{PATH}/{item['id']}/points", params=wrong).status_code == 422


def test_dashboard_has_the_state_of_everything(signed_in):
    body = signed_in("support").get(f"{PATH}/dashboard").json()
    assert (body["requests"], body["servers"], body["providers"]) == (
        0, {"reporting": 0, "late": 0, "silent": 0}, "not_configured",
    )  # fmt: skip
    assert body["status"] in ("down", "degraded", "healthy", "unknown") and "database" in body["components"]
    assert body["errors_24h"] == 0


def test_dashboard_keeps_what_one_may_not_see(signed_in):
    body = signed_in("hotline_operator").get(f"{PATH}/dashboard").json()
    assert body["errors_24h"] is None and body["alerts"] is None


def test_alert_conditions_are_the_enabled_rules(signed_in, raw):
    client = signed_in("developer")
    items = client.get(f"{PATH}/alerts").json()["items"]
    assert len(items) == raw("SELECT count(*) FROM alert_rule WHERE is_enabled AND deleted_at IS NULL")[0][0]
    assert items and all(item["name"] and item["sentence"] for item in items)
    assert {(item["outcome"], item["firing"]) for item in items} == {(None, None)}
