"""Credits and reports over the API."""

from datetime import UTC, date, datetime

import pytest

from core.reliability.sla import crediting
from tests.core.reliability.sla import crediting as given
from tests.core.reliability.sla import measured

BASE = "/api/v1/superadmin/sla"


@pytest.fixture
def contract_id(db, raw):
    """A contract that was down for an hour of June 2026, which is judged."""
    of = given.contract(raw)
    given.monitor(of, raw, ("2026-06-10 08:00", "2026-06-10 09:00"))
    given.judge("2026-06")
    given.judged_until(raw, datetime(2026, 7, 1, tzinfo=UTC))
    return of


def test_a_month_is_computed_approved_by_another_and_issued(signed_in, contract_id, system):
    client = signed_in("admin")
    computed = client.post(f"{BASE}/credits/compute", json={"month": "2026-06", "contract_ids": [str(contract_id)]})
    assert computed.json() == {"contracts": 1, "drafted": 1, "changed": 0, "adjusted": 0, "unowed": 0, "waiting": 0}
    (row,) = client.get(f"{BASE}/credits", params={"month": "2026-06", "status": "draft"}).json()["items"]
    assert (row["amount"], row["uptime"], row["status"]) == (1000, 99.861111, "draft")
    got = client.get(f"{BASE}/credits/{row['id']}")
    assert got.json()["proof"]["minutes"]["bad"] == 60
    url = f"{BASE}/credits/{row['id']}"
    own = client.post(f"{url}/approve", headers={"If-Match": got.headers["ETag"]})
    assert (own.status_code, "Somebody else" in own.json()["detail"]) == (403, True)
    assert client.post(f"{url}/issue").status_code == 422
    other = signed_in("super_admin")
    assert other.post(f"{url}/approve", headers={"If-Match": '"99"'}).status_code == 412
    assert other.post(f"{url}/approve", headers={"If-Match": got.headers["ETag"]}).json()["status"] == "approved"
    assert other.post(f"{url}/withdraw").json()["status"] == "draft"
    other.post(f"{url}/approve")
    assert other.post(f"{url}/issue").json()["number"].startswith("CN-")
    assert other.post(f"{url}/void", json={"reason": "No"}).status_code == 422
    assert client.get(f"{BASE}/credits", params={"month": "2026-13"}).status_code == 422


def test_who_may_not_see_credits_is_refused(signed_in, contract_id, system, raw):
    crediting.compute(system, month=date(2026, 6, 1))
    key = raw("SELECT id FROM sla_credit")[0].id
    support = signed_in("support")
    assert support.get(f"{BASE}/credits").status_code == support.get(f"{BASE}/credits/{key}").status_code == 403
    csm = signed_in("client_success")
    assert csm.get(f"{BASE}/credits").json()["items"] == [] and csm.get(f"{BASE}/credits/{key}").status_code == 404
    assert csm.post(f"{BASE}/credits/{key}/approve").status_code == 403


def test_a_report_is_a_file_whose_taking_is_kept(signed_in, contract_id, raw):
    tenant_id = raw("SELECT tenant_id FROM contract WHERE id = :id", id=contract_id)[0].tenant_id
    measured.period(
        raw, contract_id, tenant_id, "month", given.at("2026-06-01"), observed_minutes=43_200, bad_minutes=60
    )
    client, url = signed_in("admin"), f"{BASE}/reports/{contract_id}"
    pdf = client.get(url, params={"month": "2026-06"})
    assert pdf.content.startswith(b"%PDF") and pdf.headers["content-type"] == "application/pdf"
    assert 'filename="sla-report-acme-2026-06.pdf"' in pdf.headers["content-disposition"]
    assert client.get(url, params={"month": "2026-06", "format": "xlsx"}).content.startswith(b"PK")
    assert client.get(url, params={"month": "2026-05"}).status_code == 404
    kept = raw("SELECT format, tenant_id FROM data_export ORDER BY created_at")
    assert [(row.format, row.tenant_id) for row in kept] == [("pdf", tenant_id), ("xlsx", tenant_id)]
    assert signed_in("support_tier_1").get(url, params={"month": "2026-06"}).status_code == 403
