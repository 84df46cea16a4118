"""Tickets over HTTP: the product's front end by a key of a tenant, operators, mails that a server hands over."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api import survey_mount
from api.support import survey_page
from core.platform.keys import actions as keys
from core.support.satisfaction import actions as satisfaction
from core.support.satisfaction import links
from core.support.tickets import actions
from tests.core.customers.test_tenants import make

PATH = "/api/v1/tickets"
SCOPES = ["tickets:read", "tickets:create", "users:pii"]
ASKER = {"requester_name": "Zoé", "requester_email": "zoe@acme.example"}
NEW = {"subject": "The report is empty", "description": "Since Monday.", **ASKER}


@pytest.fixture
def tenant(db, system):
    return make(system, "Acme")


@pytest.fixture
def product(client, system, tenant):
    issued = keys.create(system, name="Product", mode="live", scopes=SCOPES, tenant_id=tenant.id)
    client.headers["Authorization"] = f"Bearer {issued.key}"
    return client


def test_front_end_opens_lists_answers_and_rates(product, tenant, system, raw):
    made = product.post(PATH, json=NEW, headers={"Idempotency-Key": "one"})
    again = product.post(PATH, json=NEW, headers={"Idempotency-Key": "one"})
    assert (made.status_code, made.json()["reference"], made.json()["tenant_id"]) == (201, "QD-000001", str(tenant.id))
    assert again.json() == made.json() and again.headers["Idempotency-Replayed"] == "true"
    where = made.headers["location"]
    found = product.get(PATH, params={"search": "report", "status": "open"}).json()["items"]
    assert [one["id"] for one in found] == [made.json()["id"]]
    assert product.get(PATH, params={"priority": "urgent"}).json() == {"items": [], "next": None}
    said = product.post(f"{where}/reply", json={"body": "Still.", "author_name": "Bo"})
    assert (said.status_code, said.json()["author_kind"], said.json()["author_name"]) == (201, "customer", "Bo")
    actions.reply(system, made.json()["id"], body="Which month?", status="waiting")
    product.post(f"{where}/reply", json={"body": "March."})
    whole = product.get(where)
    assert [one["body"] for one in whole.json()["messages"]] == ["Still.", "Which month?", "March."]
    assert whole.json()["messages"][-1]["author_name"] == "Zoé" and whole.json()["status"] == "in_progress"
    assert product.get(where, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    assert product.post(f"{where}/rating", json={"score": 5}).status_code == 422
    actions.resolve(system, made.json()["id"], note="Fixed.")
    rated = product.post(f"{where}/rating", json={"score": 2, "comment": "Slow"})
    assert (rated.status_code, rated.json()["score"]) == (201, 2)
    assert "rated already" in product.post(f"{where}/rating", json={"score": 5}).json()["detail"]
    assert (
        raw("SELECT actor_name FROM audit_entry WHERE action = 'satisfaction.rate' LIMIT 1")[0].actor_name == "Product"
    )


def test_list_pages_by_cursor_and_gives_only_the_fields_asked_for(product, tenant, system):
    for number in range(3):
        actions.create(system, **(NEW | {"subject": str(number)}), tenant_id=tenant.id)
    first = product.get(PATH, params={"limit": 2, "fields": "subject"}).json()
    rest = product.get(PATH, params={"limit": 2, "cursor": first["next"]}).json()
    assert first["items"] == [{"subject": "2"}, {"subject": "1"}]
    assert [one["subject"] for one in rest["items"]] == ["0"] and rest["next"] is None


def test_key_of_a_tenant_sees_no_other_and_nothing_internal(product, tenant, system, raw):
    other = actions.create(system, **NEW, tenant_id=make(system, "Other").id)
    mine = actions.create(system, **NEW, tenant_id=tenant.id)
    note = actions.reply(system, mine.id, body="Between us", is_internal=True)
    for path in ("", "/reply", "/rating"):
        call = product.get if not path else product.post
        body = {"reply": {"body": "x"}, "rating": {"score": 1}}.get(path.strip("/"))
        assert call(f"{PATH}/{other.id}{path}", **({"json": body} if body else {})).status_code == 404
    assert product.get(f"{PATH}/{mine.id}").json()["messages"] == []
    assert product.get(f"{PATH}/{mine.id}", params={"internal": True}).status_code == 403
    assert product.get(f"{PATH}/{mine.id}/messages/{note.id}").status_code == 404
    assert product.post(f"{PATH}/{mine.id}/reply", json={"body": "x", "is_internal": True}).status_code == 422
    assert product.post(PATH, json=NEW | {"tenant_id": str(other.tenant_id)}).status_code == 404
    assert raw("SELECT count(*) FROM ticket_message")[0].count == 1


def test_database_itself_hides_internal_notes_from_who_sees_one_tenant(tenant, system, actor_of):
    from sqlalchemy import func, select

    from core.kernel.reads import read
    from core.support.tickets.models import TicketMessage

    ticket = actions.create(system, **NEW, tenant_id=tenant.id)
    actions.reply(system, ticket.id, body="Between us", is_internal=True)
    for actor, count in ((actor_of("support"), 1), (actor_of("support", scope="tenant", tenant_id=tenant.id), 0)):
        with read(actor) as rx:
            assert rx.value(select(func.count()).select_from(TicketMessage)) == count


def test_operator_answers_in_his_own_name_and_sees_notes_when_asked(signed_in, tenant, system):
    ticket = actions.create(system, **NEW, tenant_id=tenant.id)
    agent = signed_in("support_admin")
    answer = agent.post(f"{PATH}/{ticket.id}/reply", json={"body": "Look here", "is_internal": True})
    assert (answer.status_code, answer.json()["author_kind"], answer.json()["is_internal"]) == (201, "agent", True)
    assert agent.get(f"{PATH}/{ticket.id}").json()["messages"] == []
    assert len(agent.get(f"{PATH}/{ticket.id}", params={"internal": True}).json()["messages"]) == 1
    assert agent.post(f"{PATH}/{ticket.id}/reply", json={"body": "x", "author_name": "Y"}).status_code == 422


def test_long_message_is_told_whole_where_it_is_asked_for(signed_in, tenant, system):
    ticket = actions.create(system, **NEW, tenant_id=tenant.id)
    message = actions.reply(system, ticket.id, body="x" * 30_000)
    agent = signed_in("support_admin")
    [shown] = agent.get(f"{PATH}/{ticket.id}").json()["messages"]
    assert (len(shown["body"]), shown["length"]) == (20_000, 30_000)
    assert len(agent.get(f"{PATH}/{ticket.id}/messages/{message.id}").json()["body"]) == 30_000


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": ""}, "subject"), ({"priority": "grave"}, "priority"), ({"extra": 1}, "extra"),
        ({"requester_email": "no mail"}, "requester_email"),
    ],
)  # fmt: skip
def test_bad_input_names_the_field(product, change, field):
    answer = product.post(PATH, json=NEW | change)
    assert answer.status_code == 422
    assert field in answer.json()["errors"]


MAIL = b"From: zoe@acme.example\r\nTo: support@deck.example\r\nSubject: Help\r\nMessage-ID: <a@b>\r\n\r\nIt broke.\r\n"


def test_mail_server_hands_over_a_mail_and_is_told_what_became_of_it(client, system, tenant, raw):
    issued = keys.create(system, name="Mail", mode="live", scopes=["tickets:create"], tenant_id=None)
    client.headers["Authorization"] = f"Bearer {issued.key}"
    given = {"content": MAIL, "headers": {"Content-Type": "message/rfc822"}}
    assert client.post(f"{PATH}/inbound", **given).json() == {
        "outcome": "created", "reason": None, "ticket_id": str(raw("SELECT id FROM ticket")[0].id), "number": "QD-000001",
        "refused": [],
    }  # fmt: skip
    assert client.post(f"{PATH}/inbound", **given).json()["outcome"] == "duplicate"
    auto = client.post(
        f"{PATH}/inbound", content=b"Auto-Submitted: auto-replied\r\n" + MAIL.replace(b"<a@b>", b"<c@d>")
    )
    assert auto.json()["outcome"] == "ignored" and "Auto-Submitted" in auto.json()["reason"]
    assert client.post(f"{PATH}/inbound", content=b"no mail").status_code == 422
    assert client.post(f"{PATH}/inbound", json={}).status_code == 415
    tenants = keys.create(system, name="Bound", mode="live", scopes=["tickets:create"], tenant_id=tenant.id)
    reader = keys.create(system, name="Reader", mode="live", scopes=["tickets:read"], tenant_id=None)
    for key in (tenants.key, reader.key):
        client.headers["Authorization"] = f"Bearer {key}"
        assert client.post(f"{PATH}/inbound", **given).status_code == 403
    del client.headers["Authorization"]
    assert client.post(f"{PATH}/inbound", **given).status_code == 401


@pytest.fixture
def link(tenant, system):
    ticket = actions.create(system, **(NEW | {"subject": "<script>alert(1)</script>"}), tenant_id=tenant.id)
    actions.resolve(system, ticket.id, note="Done")
    survey = satisfaction.ask(system, ticket.id, message_id=None, once="x")
    return f"/s/{links.address(survey.id, survey.token_digest).rpartition('/')[2]}"


@pytest.fixture
def visitor(db):
    return TestClient(Starlette(routes=[survey_mount]), raise_server_exceptions=False)


def test_link_of_a_survey_shows_by_get_stores_once_by_post_and_runs_nothing(visitor, link, raw):
    page = visitor.get(f"{link}?score=4")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert "&lt;script&gt;alert(1)" in page.text and "<script" not in page.text
    assert (
        "default-src 'none'" in page.headers["content-security-policy"] and page.headers["cache-control"] == "no-store"
    )
    assert 'value="4" required checked' in page.text
    assert visitor.get(link).status_code == visitor.head(link).status_code or visitor.head(link).status_code == 405
    assert raw("SELECT answered_at FROM survey")[0].answered_at is None
    wrong = visitor.post(link, data={"score": "9", "comment": "</textarea><b>kept"})
    assert wrong.status_code == 422 and "&lt;/textarea&gt;&lt;b&gt;kept" in wrong.text
    assert "Thank you" in visitor.post(link, data={"score": "4", "comment": "Fine"}).text
    assert "answered already" in visitor.post(link, data={"score": "1"}).text
    assert "answered already" in visitor.get(link).text
    assert raw("SELECT score, comment FROM survey")[0] == (4, "Fine")


def test_expired_and_unknown_links_say_so(visitor, link, raw):
    raw("UPDATE survey SET expires_at = now() - interval '1 second'")
    gone = visitor.get(link)
    assert gone.status_code == 410 and "expired" in gone.text
    assert "expired" in visitor.post(link, data={"score": "5"}).text
    unknown = visitor.get("/s/" + "x" * 43)
    assert unknown.status_code == 404 and "not known" in unknown.text
    assert raw("SELECT score FROM survey")[0].score is None


def test_style_is_the_one_that_the_policy_names():
    assert survey_page.STYLE in survey_page.said("Title", "Sentence")
    assert "Title &lt;" in survey_page.said("Title <", "Sentence")
