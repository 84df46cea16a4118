"""A tenant's branding over HTTP: the same rules as on the page."""

import base64

from core.customers.branding import actions, asking, challenge
from core.kernel.actor import Actor
from tests.api.test_keys import bearer
from tests.core.customers.branding.test_logos import picture
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.health.monitors.servers import name_server
from tests.core.platform.test_keys import make as make_key

SYSTEM = Actor.system("test")


def place(tenant) -> str:
    return f"/api/v1/superadmin/tenants/{tenant.id}/branding"


def encoded(content: bytes) -> dict:
    return {"content": base64.b64encode(content).decode()}


def test_names_and_colours_are_replaced_as_a_whole(signed_in):
    client, here = signed_in("admin"), place(make_tenant(SYSTEM))
    fresh = client.get(here)
    assert (fresh.json()["version"], fresh.json()["is_included"], fresh.headers["etag"]) == (0, True, '"0"')
    assert fresh.json()["contrast"][0]["verdict"] == "AAA"
    first = client.put(here, json={"company_name": "Acme", "button_color": "#0a5"}, headers={"If-Match": '"0"'})
    assert first.status_code == 422
    first = client.put(here, json={"company_name": "Acme", "button_color": "#00aa55"}, headers={"If-Match": '"0"'})
    assert first.status_code == 422
    assert "3.0" in first.json()["errors"]["button_text_color"]
    dark = {"company_name": "Acme", "button_color": "#00aa55", "button_text_color": "#000000"}
    first = client.put(here, json=dark, headers={"If-Match": '"0"'})
    assert (first.status_code, first.json()["company_name"]) == (200, "Acme")
    assert client.put(here, json=dark, headers={"If-Match": '"0"'}).status_code == 412
    assert client.put(here, json={"support_email": "help@acme.example"}).json()["company_name"] is None
    assert client.put(here, json={"theme": "dark"}).status_code == 422
    assert signed_in("support").put(here, json={}).status_code == 403


def test_a_logo_comes_in_and_out_as_base64_and_is_what_it_says(signed_in):
    client, here = signed_in("admin"), f"{place(make_tenant(SYSTEM))}/logo"
    assert client.get(here).status_code == 404
    kept = client.put(here, json=encoded(picture() + b"<script>"))
    assert (kept.status_code, kept.json()["media_type"], kept.json()["version"]) == (200, "image/png", 1)
    assert b"script" not in base64.b64decode(client.get(here).json()["content"])
    for content, told in (
        (encoded(b"<html>"), "web page"),
        (encoded(b"<svg onload='x'/>"), "SVG"),
        ({"content": "%%%"}, "base64"),
    ):
        refused = client.put(here, json=content)
        assert (refused.status_code, told in refused.text) == (422, True), told
    assert client.put(here, json=encoded(bytes(10 * 1024 * 1024))).status_code == 413
    assert client.delete(here, headers={"If-Match": '"7"'}).status_code == 412
    assert client.delete(here).status_code == 204
    assert client.get(here).status_code == 404


def test_the_life_of_a_domain(signed_in, monkeypatch):
    client, tenant = signed_in("admin"), make_tenant(SYSTEM)
    here = f"{place(tenant)}/domains"
    made = client.post(here, json={"domain": "bücher.example"}).json()
    assert (made["domain"], made["shown"], made["state"], made["checked_at"]) == (
        "xn--bcher-kva.example", "bücher.example", "pending", None,
    )  # fmt: skip
    assert made["record_name"] == f"{challenge.LABEL}.xn--bcher-kva.example"
    with name_server({(made["record_name"], "TXT"): [f'"{made["record_value"]}"']}) as port:
        monkeypatch.setenv("DOMAIN_CHECK_SERVERS", f"127.0.0.1:{port}")
        asking.settings.cache_clear()
        checked = client.post(f"{here}/{made['id']}/check").json()
    asking.settings.cache_clear()
    assert (checked["state"], checked["finding"]) == ("verified", "found")
    assert [one["id"] for one in client.get(here).json()["items"]] == [made["id"]]
    elsewhere = f"{place(make_tenant(SYSTEM))}/domains/{made['id']}"
    assert client.get(elsewhere).status_code == 404
    assert client.delete(f"{here}/{made['id']}").status_code == 428
    assert client.delete(f"{here}/{made['id']}", headers={"If-Match": '"2"'}).status_code == 204
    assert client.get(here).json()["items"] == []


def test_a_key_of_one_tenant_brands_that_one_alone(client):
    mine, other = make_tenant(SYSTEM), make_tenant(SYSTEM)
    actions.update(SYSTEM, other.id, company_name="Other")
    key = bearer(
        make_key(SYSTEM, "Brand", scopes=["branding:read", "branding:update", "tenants:read"], tenant_id=mine.id)
    )
    put = client.put(place(mine), json={"company_name": "Mine"}, headers=key)
    assert (put.status_code, put.json()["company_name"]) == (200, "Mine")
    for answer in (client.get(place(other), headers=key), client.put(place(other), json={}, headers=key)):
        assert answer.status_code == 404
