"""Search: what is found, in which order, by whom; and that nothing anybody types does any harm."""

from uuid import uuid4

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.customers.search import queries, sources
from core.customers.search.asking import LONGEST, ask
from core.customers.search.sources import COLUMNS, ELSEWHERE, EXACT, MOST, START_OF_NAME, START_OF_WORD, Source
from core.customers.tenants import actions as tenants
from core.kernel.errors import TooSlow
from core.kernel.reads import as_id
from tests.core.customers.test_summaries import invoice, person
from tests.core.kernel.test_writes import make_tenant


def found(actor, text: str, **values) -> dict[str, list[str]]:
    """Titles by kind, the best first."""
    return {group.kind: list(group.rows["title"]) for group in queries.search(actor, text, **values) if len(group.rows)}


def ranks(actor, text: str, kind: str) -> dict[str, int]:
    rows = next(group.rows for group in queries.search(actor, text) if group.kind == kind)
    return dict(zip(rows["title"], rows["rank"], strict=True))


@pytest.fixture
def world(db, raw, system):
    """Acme with a person, an invoice and an error of its own."""
    tenant = make_tenant(system, "Acme Works", domain="acme.example")
    make_tenant(system, "The Acme Group", domain="group.example")
    make_tenant(system, "Placement", domain="place.example")
    person(raw, tenant.id)
    raw("UPDATE tenant_user SET name = 'Zoé Quinn', email = 'Zoe.Q@Post.example'")
    invoice(raw, tenant.id, 100)
    raw("UPDATE invoice SET number = '2026-000042', external_id = 'EXT/77'")
    raw(
        "INSERT INTO error_group VALUES ('f00dcafe', 'portal', 'KeyError', 'Missing quota in plan', '/x', now(), now())"
    )
    raw("INSERT INTO error_record (at, id, service, tenant_id, fingerprint, type, message, trace, route, request_id) VALUES"
        " (now(), gen_random_uuid(), 'portal', :id, 'f00dcafe', 'KeyError', 'Missing quota in Acme', '', '/x', 'req-1234567')",
        id=tenant.id)  # fmt: skip
    return tenant


def test_the_exact_one_comes_before_starts_of_names_of_words_and_the_rest(world, system):
    make_tenant(system, "acme", domain="short.example")
    assert ranks(system, "ACME", "tenants") == {
        "acme": EXACT, "Acme Works": START_OF_NAME, "The Acme Group": START_OF_WORD,
    }  # fmt: skip
    assert ranks(system, "cem", "tenants") == {"Placement": ELSEWHERE}
    assert found(system, "acme.example")["tenants"][0] == "Acme Works"
    assert ranks(system, "https://Acme.example/sign-in?x=1", "domains") == {"acme.example": EXACT}
    assert set(ranks(system, "example", "domains").values()) == {START_OF_WORD}
    rows = next(group.rows for group in queries.search(system, "acme") if group.kind == "tenants")
    assert list(rows["rank"]) == sorted(rows["rank"])


@pytest.mark.parametrize(("text", "kind", "title"), [
    ("zoé", "users", "Zoé Quinn"), ("quin", "users", "Zoé Quinn"), ("zoe.q@post.EXAMPLE", "users", "Zoé Quinn"),
    ("2026-000042", "invoices", "2026-000042"), ("2026-0", "invoices", "2026-000042"), ("42", "invoices", "2026-000042"),
    ("ext/77", "invoices", "2026-000042"), ("77", "invoices", "2026-000042"), ("quota", "errors", "KeyError"),
    ("keyerr", "errors", "KeyError"), ("f00dcafe", "errors", "KeyError"), ("req-1234567", "errors", "KeyError"),
])  # fmt: skip
def test_each_kind_is_found_by_what_people_have_at_hand(world, system, text, kind, title):
    assert found(system, text)[kind] == [title]


def test_an_id_finds_its_thing_and_links_lead_to_it(world, raw, system):
    keys = {table: raw(f"SELECT id FROM {table} LIMIT 1")[0].id for table in ("tenant_user", "invoice")}
    links = {
        group.kind: group.rows["link"].iloc[0]
        for key in (world.id, *keys.values())
        for group in queries.search(system, str(key))
        if len(group.rows)
    }
    assert links == {
        "tenants": f"customers/tenants?tenant={world.id}", "users": f"customers/users?text={keys['tenant_user']}",
        "invoices": f"customers/invoices?invoice={keys['invoice']}",
    }  # fmt: skip
    request = next(group.rows for group in queries.search(system, "req-1234567") if len(group.rows))
    assert list(request["link"]) == ["health/errors?request=req-1234567"]


def test_only_what_the_actor_may_see_is_found(world, system, actor_of):
    texts = ("acme", "quinn", "2026-000042", "keyerror", "req-1234567", str(world.id))
    of_role = {role: [kind for text in texts for kind in found(actor_of(role), text)] for role in
               ("hotline_operator", "support_tier_1", "developer", "client_success")}  # fmt: skip
    assert set(of_role["hotline_operator"]) == {"tenants", "domains"}
    assert set(of_role["support_tier_1"]) == {"tenants", "domains"}
    assert set(of_role["developer"]) == {"errors"}
    assert of_role["client_success"] == []
    manager = actor_of("client_success")
    tenants.assign_operator(system, world.id, operator_id=manager.operator_id)
    assert found(manager, "acme") == {"tenants": ["Acme Works"], "domains": ["acme.example"]}
    assert found(manager, "quinn") == {"users": ["Zoé Quinn"]}
    assert found(manager, "42") == {"invoices": ["2026-000042"]}
    assert [group.kind for group in queries.search(manager, "acme", kinds=["errors", "tenants"])] == ["tenants"]


def test_people_are_masked_and_found_by_their_whole_address_alone_without_the_right(world, actor_of):
    clerk = actor_of("support_tier_1")
    assert "users" not in found(clerk, "zoe") and "users" not in found(clerk, "zoe.q")
    (group,) = [one for one in queries.search(clerk, "zoe.q@post.example") if len(one.rows)]
    told = group.rows.to_csv()
    assert group.kind == "users" and "Acme Works" in told
    assert "Quinn" not in told and "zoe.q" not in told.lower()


def test_who_sees_some_tenants_reads_no_words_of_others_errors(world, raw, system, actor_of):
    other = make_tenant(system, "Other")
    key = actor_of("support_tier_2", scope="tenant", tenant_id=other.id)
    assert found(key, "keyerror") == {} and found(key, "req-1234567") == {}
    key = actor_of("support_tier_2", scope="tenant", tenant_id=world.id)
    (group,) = [one for one in queries.search(key, "keyerror") if len(one.rows)]
    assert list(group.rows["subtitle"]) == ["Missing quota in Acme"]
    assert found(key, "quota") == {}


@pytest.mark.parametrize("text", [
    "'; DROP TABLE tenant; --", "%", "__", "%cme", "acm%k", "a_me", "\\", "a & b | !c:*", "'", "''", '"', "(", "acme'x",
    "<script>", "x\x00acmf", "\ud800\udfff", "😀😀", "a" * 5_000, "日", "  ", "\n\t", "$$", ":*", "{}", "../..", "\u202e",
])  # fmt: skip
def test_naughty_text_is_only_text(world, actor_of, text):
    for actor in (actor_of("super_admin"), actor_of("support_tier_1")):
        groups = queries.search(actor, text)
        assert [group.problem for group in groups] == [None] * len(groups)
        assert all(group.found == 0 for group in groups)


@settings(
    max_examples=40, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(text=st.text(max_size=30) | st.text("acme'%_\\\x00 .:*&|!()-@0", max_size=12))
def test_any_text_is_searched_for_without_a_word_of_trouble(world, system, text):
    asked = ask(text)
    assert len(asked.text) <= LONGEST and "\x00" not in asked.text
    for group in queries.search(system, text):
        assert group.problem is None
        assert list(group.rows.columns) == list(COLUMNS[:-1])


def test_what_is_found_is_counted_and_cut(db, system):
    for place in range(7):
        make_tenant(system, f"Twin {place}")
    group = next(one for one in queries.search(system, "twin", limit=3) if one.kind == "tenants")
    assert (len(group.rows), group.found) == (3, 7)
    assert list(group.rows["title"]) == ["Twin 0", "Twin 1", "Twin 2"]
    assert queries.search(system, "t") == [] and queries.search(system, "") == []


def test_what_others_have_does_not_crowd_out_what_one_has_oneself(db, raw, system, actor_of):
    raw("INSERT INTO tenant (id, name, domain, status, tier, region, seats, created_at, updated_at, version)"
        " SELECT gen_random_uuid(), 'Twin ' || n, n || '.twin.example', 'active', 'pro', 'EU', 5, now(), now(), 1"
        " FROM generate_series(100, 100 + :most) AS n", most=MOST)  # fmt: skip
    own = make_tenant(system, "Twin Z", domain="zz.twin.example")
    manager = actor_of("client_success")
    tenants.assign_operator(system, own.id, operator_id=manager.operator_id)
    assert found(manager, "twin")["tenants"] == ["Twin Z"]
    group = next(one for one in queries.search(system, "twin") if one.kind == "tenants")
    assert group.found == MOST


def test_a_purged_tenant_is_not_found(world, raw, system):
    raw("UPDATE tenant SET status = 'purged' WHERE id = :id", id=world.id)
    assert found(system, "acme works") == {} and found(system, str(world.id)) == {}


def test_a_kind_joins_by_registering_and_its_failure_is_its_own(world, system, monkeypatch):
    monkeypatch.setattr(sources, "sources", dict(sources.sources))
    row = dict.fromkeys(COLUMNS) | {
        "id": "1",
        "title": "Ticket 1",
        "rank": 0,
        "link": "support/tickets?ticket=1",
        "found": 1,
    }
    sources.register(Source("tickets", "Tickets", "tickets:read", "number", lambda *_: pd.DataFrame([row])))

    def slow(*_):
        raise TooSlow("This took too long.")

    sources.register(Source("slow", "Slow", "tickets:read", "nothing", slow))
    groups = {group.kind: group for group in queries.search(system, "acme")}
    assert list(groups["tickets"].rows["title"]) == ["Ticket 1"]
    assert groups["slow"].problem == "This took too long." and groups["tenants"].found == 2


def test_text_is_cleaned_and_taken_apart():
    asked = ask("  Zoé\u200b  Q.\x00 ")
    assert (asked.text, asked.words, asked.query) == ("Zoé Q.", ("zoe", "q"), "'zoe':* & 'q':*")
    key = uuid4()
    assert ask(f" {key} ").key == key == as_id(str(key))
    assert not ask("a").is_enough and ask("日").is_enough and ask("ab").is_enough
    assert MOST == 200
