"""Growth and search over HTTP."""

from decimal import Decimal

from tests.core.customers.growth.conftest import at, book, people  # noqa: F401  (fixtures)
from tests.core.customers.test_search import world  # noqa: F401  (a fixture)

HERE = "/api/v1/superadmin/growth"


def test_growth_answers_by_month_with_what_it_is_of(signed_in, people, book):  # noqa: F811
    known = people(2)
    book(known, [(0, at(2026, 1), Decimal(100)), (1, at(2026, 2), Decimal("10.50")), (0, at(2026, 3), Decimal(0))])
    client = signed_in("admin")
    body = client.get(HERE, params={"as_of": "2026-02", "months": 1, "count": 2}).json()
    assert (body["as_of"], body["currency"], body["scope"]) == ("2026-02", "USD", "all")
    assert [(one["name"], one["opening"], one["closing"]) for one in body["months"]] == [
        ("2026-01", 0, 100),
        ("2026-02", 100, 110.5),
    ]
    assert body["months"][0]["net_ratio"] is None and body["months"][1]["net_ratio"] == 1
    cells = client.get(f"{HERE}/cohorts", params={"as_of": "2026-03"}).json()["cohorts"]
    assert [(one["cohort"], one["age"], one["tenants"]) for one in cells if one["cohort"] == "2026-01"] == [
        ("2026-01", 0, 1), ("2026-01", 1, 1), ("2026-01", 2, 0),
    ]  # fmt: skip
    parts = client.get(f"{HERE}/breakdown", params={"as_of": "2026-02", "count": 1}).json()["parts"]
    assert parts == [{"month": "2026-02", "part": "basic", "mrr": 110.5, "tenants": 2}]
    first = client.get(f"{HERE}/movements", params={"month": "2026-03", "kind": "churn"}).json()
    assert [(one["tenant"], one["amount"]) for one in first["items"]] == [("Tenant 0", -100)]


def test_growth_refuses_what_makes_no_sense_and_who_may_not(signed_in):
    client = signed_in("admin")
    for params in ({"as_of": "2026-13"}, {"as_of": "0000-01"}, {"currency": "usd"}, {"count": 0}, {"region": "MARS"}):
        assert client.get(HERE, params=params).status_code == 422, params
    assert client.get(f"{HERE}/movements").status_code == 422
    assert client.get(f"{HERE}/movements", params={"month": "2026-01", "cursor": "x"}).status_code == 422
    assert client.get(HERE).json()["months"][-1]["closing"] == 0
    assert signed_in("support").get(HERE).status_code == 403


def test_search_answers_by_kind_masked_and_with_links(signed_in, world):  # noqa: F811
    here = "/api/v1/superadmin/search"
    body = signed_in("support_tier_1").get(here, params={"text": "zoe.q@post.example"}).json()
    (users,) = [group for group in body["groups"] if group["hits"]]
    assert (users["kind"], users["found"], users["hits"][0]["rank"]) == ("users", 1, 0)
    assert "Quinn" not in str(body) and users["hits"][0]["tenant_id"] == str(world.id)
    client = signed_in("support")
    one = client.get(here, params={"text": "acme", "kind": "tenants", "limit": 1}).json()["groups"]
    assert [(group["kind"], group["found"], len(group["hits"])) for group in one] == [("tenants", 2, 1)]
    assert client.get(here, params={"text": "%_'\\"}).json()["groups"][0]["found"] == 0
    assert client.get(here).status_code == 422
