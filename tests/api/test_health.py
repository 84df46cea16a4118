"""Health for machines."""

from core.platform.queue.beats import Heart


def test_health_names_every_component_and_what_does_not_count(signed_in):
    Heart("worker").beat()
    answer = signed_in("developer").get("/api/v1/health")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "down"
    assert body["components"]["workers"]["status"] == "healthy"
    assert body["components"]["scheduler"] == {
        "status": "down", "detail": "No scheduler runs.", "latency_ms": None,
        "checked_at": body["components"]["scheduler"]["checked_at"],
    }  # fmt: skip
    assert set(body["excluded"]) == {"database", "queue", "disk", "mail", "redis", "nats"}


def test_health_is_for_those_who_are_signed_in(client):
    assert client.get("/api/v1/health").status_code == 401


def test_dashboard_has_null_and_not_zero_where_nothing_was_asked(signed_in):
    body = signed_in("support").get("/api/v1/superadmin/metrics/dashboard").json()
    assert body["requests"] == 0
    assert body["error_ratio"] is None
    assert body["p95_ms"] is None
    assert body["counted_at"] is None
