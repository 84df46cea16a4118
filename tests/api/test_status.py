"""The status page below the portal: files without sign-in, and the forms for mails."""

import html5lib
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api import status_routes
from api.reliability import status
from core.reliability.status_page import links, places, publishing, serving
from tests.core.reliability.status_page.making import SYSTEM, component

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(autouse=True)
def _fresh():
    places.settings.cache_clear()
    status._asked.clear()
    status._wrong.clear()
    yield
    places.settings.cache_clear()


@pytest.fixture
def public(db) -> TestClient:
    """Somebody who is not signed in."""
    return TestClient(Starlette(routes=status_routes), follow_redirects=False)


def test_files_come_without_sign_in_with_types_and_caching(public):
    assert public.get("/status/").status_code == 503
    publishing.publish(SYSTEM)
    page = public.get("/status/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["cache-control"].startswith("public, max-age=30") and "Rendered " in page.text
    kinds = {
        path: public.get(f"/status/{path}").headers["content-type"] for path in ("history.atom", "api/v2/summary.json")
    }
    assert kinds == {"history.atom": "application/atom+xml; charset=utf-8", "api/v2/summary.json": "application/json"}
    again = public.get("/status/index.html", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"") and again.headers["cache-control"] == page.headers[
        "cache-control"
    ]
    assert public.head("/status/api/v2/status.json").headers["access-control-allow-origin"] == "*"
    assert public.get("/status", follow_redirects=True).status_code == 200


@pytest.mark.parametrize("path", ["absent.html", "../encryption.keys", "%2e%2e/encryption.keys", "secret.txt", ".hidden.html",
                                  "incidents", "a%00.html", "x" * 5_000 + ".html"])  # fmt: skip
def test_what_is_no_part_of_the_page_is_not_there(public, path):
    publishing.publish(SYSTEM)
    folder = places.folder()
    for name in ("secret.txt", ".hidden.html", "../encryption.keys"):
        (folder / name).write_text("secret")
    answer = public.get(f"/status/{path}")
    assert answer.status_code in (404, 307) and "secret" not in answer.text
    assert public.post("/status/index.html").status_code == 405


def test_the_answer_is_the_same_whoever_is_subscribed(public, raw):
    answers = [
        public.post("/status/subscribe", data={"email": one})
        for one in ("a@example.com", "a@example.com", "b@example.com")
    ]
    raw("UPDATE status_subscriber SET confirmed_at = now() WHERE email = 'a@example.com'")
    answers.append(public.post("/status/subscribe", data={"email": "A@example.com"}))
    assert {one.status_code for one in answers} == {202}
    assert len({one.text for one in answers}) == 1 and "a@example.com" not in answers[0].text
    html5lib.HTMLParser(strict=True).parse(answers[0].text)
    assert answers[0].headers["cache-control"] == "no-store"


def test_components_are_chosen_and_others_left_out(public, raw):
    one = component("API")
    public.post(
        "/status/subscribe",
        data={"email": "a@example.com", "component": [str(one.id), "nonsense", str(SYSTEM.request_id)]},
    )
    [row] = raw("SELECT component_ids FROM status_subscriber")
    assert row.component_ids == [one.id]


def test_what_is_wrong_is_said_and_too_much_refused(public, raw):
    for body in ({"email": "no address"}, {}, {"email": "x" * 70_000 + "@example.com"}):
        answer = public.post("/status/subscribe", data=body)
        assert answer.status_code in (413, 422) and "<script" not in answer.text
    for _ in range(status.PER_ADDRESS):
        answer = public.post("/status/subscribe", data={"email": "a@example.com"})
    assert answer.status_code == 429 and int(answer.headers["retry-after"]) > 0


def test_a_link_is_shown_by_get_and_used_by_post(public, raw):
    public.post("/status/subscribe", data={"email": "a@example.com"})
    [row] = raw("SELECT id, confirm_until FROM status_subscriber")
    way = f"/status/confirm/{links.token_of('confirm', row.id, row.confirm_until)}"
    shown = public.get(way)
    assert '<form method="post">' in shown.text and not raw(
        "SELECT 1 FROM status_subscriber WHERE confirmed_at IS NOT NULL"
    )
    html5lib.HTMLParser(strict=True).parse(shown.text)
    assert "You are subscribed" in public.post(way).text
    assert "<form" not in public.get(way).text
    [row] = raw("SELECT id, confirmed_at FROM status_subscriber")
    ends = f"/status/unsubscribe/{links.token_of('unsubscribe', row.id, row.confirmed_at)}"
    one_click = public.post(ends, content="List-Unsubscribe=One-Click", headers=FORM)
    assert one_click.status_code == 200 and raw("SELECT 1 FROM status_subscriber WHERE unsubscribed_at IS NOT NULL")


def test_guessing_links_ends(public):
    answers = [public.get(f"/status/confirm/{number}").status_code for number in range(status.WRONG_PER_ADDRESS + 1)]
    assert set(answers[:-1]) == {404} and answers[-1] == 429


def test_a_page_that_was_not_rendered_says_so(public):
    assert serving.ABSENT in public.get("/status/index.html").text
