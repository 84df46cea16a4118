"""Finding the tenants' people, within the actor's sight and as far as he may see them."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.customers.tenants import actions as tenants
from core.customers.users import inviting, queries
from core.customers.users.masking import email_masked, name_masked
from core.customers.users.models import TenantUser
from core.kernel.times import utc_now
from core.kernel.writes import write
from tests.core.customers.test_tenants import make


@pytest.fixture
def add(db, system):
    def person(tenant, name, email=None, **values):
        email = email or f"{name.split()[0].lower()}@{tenant.domain}"
        with write(system, "users.create") as tx:
            return tx.add(TenantUser(tenant_id=tenant.id, email=email, name=name, **values))

    return person


@pytest.fixture
def zoe(add, system):
    return add(make(system, "Acme Works"), "Zoé Quinn", "Zoe.Q@post.example")


def test_search_finds_starts_of_words_of_name_address_and_tenant(zoe, actor_of):
    for text in ("zoé", "zoe", "quinn", "QUI ZO", "zoe.q@post", "post", "acme", "work zoe", f" {zoe.id} "):
        found = queries.search(actor_of("support"), text)
        assert list(found["tenant"]) == ["Acme Works"], text
    for text in ("", " ", "%", "uinn", "oe", "zoe nobody", "'; drop", "\\"):
        assert queries.search(actor_of("support"), text).empty, text


def test_search_stays_within_permission_and_scope(zoe, actor_of, system):
    assert queries.search(actor_of("hotline_operator"), "zoe").empty
    outsider = actor_of("client_success")
    assert queries.search(outsider, "zoe").empty
    tenants.assign_operator(system, zoe.tenant_id, operator_id=outsider.operator_id)
    assert len(queries.search(outsider, "zoe")) == 1


def test_without_the_right_a_search_tells_nothing_of_a_name(zoe, actor_of):
    tier_1 = actor_of("support_tier_1")
    for text in ("zoe", "zoé quinn", "zoe.q@", "zoe.q", "post", "quinn acme"):
        assert queries.search(tier_1, text).empty, text
        assert queries.directory(tier_1, queries.Filters(text)).frame.empty, text
    for text in ("ZOE.Q@post.example", str(zoe.id), "acme"):
        assert len(queries.search(tier_1, text)) == 1, text


def test_names_and_addresses_are_masked_everywhere_and_still_told_apart(zoe, add, actor_of, system):
    twin = add(make(system), "Zack Quill", "zack@post.example")
    tier_1 = actor_of("support_tier_1")
    page = queries.directory(tier_1, queries.Filters()).frame
    shown = [
        page, queries.search(tier_1, "acme"), pd.concat(queries.export(tier_1, queries.Filters())),
        pd.DataFrame(queries.listing(tier_1, queries.Filters()).rows), pd.DataFrame([queries.one(tier_1, twin.id)]),
    ]  # fmt: skip
    for frame in shown:
        assert not any(part in frame.to_string() for part in ("Zoé", "Quinn", "Zack", "Quill", "Zoe.Q", "zack@"))
    assert page["name"].nunique() == page["email"].nunique() == 2
    assert set(page["name"]) == {f"Z… Q… ·{str(person.id)[-6:]}" for person in (zoe, twin)}
    assert set(queries.directory(actor_of("support"), queries.Filters()).frame["name"]) == {"Zoé Quinn", "Zack Quill"}


@given(st.text(min_size=1), st.text(), st.uuids())
def test_a_mask_keeps_at_most_initials_and_the_domain(name, email, key):
    kept = name_masked(name, key).removesuffix(f" ·{str(key)[-6:]}").replace("…", "").replace(" ", "")
    assert len(kept) <= 3
    local = email_masked(email, key).partition("…@")[0]
    assert len(local) <= 1


def test_directory_filters_pages_by_key_and_counts(zoe, add, actor_of, system):
    tenant = make(system, "Other")
    for place in range(3):
        add(tenant, f"P{place}", is_admin=place == 0, deactivated_at=utc_now() if place == 2 else None)
    support = actor_of("support")
    inviting.reset_invitation(system, zoe.id)
    found = {
        "all": queries.Filters(), "tenant": queries.Filters(tenant_id=tenant.id), "admins": queries.Filters(is_admin=True),
        "gone": queries.Filters(is_active=False), "pending": queries.Filters(invitations=("pending",)),
    }  # fmt: skip
    sizes = {name: len(queries.directory(support, filters).frame) for name, filters in found.items()}
    assert sizes == {"all": 4, "tenant": 3, "admins": 1, "gone": 1, "pending": 1}
    first = queries.directory(support, queries.Filters(), limit=3)
    rest = queries.directory(support, queries.Filters(), after=first.next, limit=3)
    assert len(set(first.frame["id"]) | set(rest.frame["id"])) == 4
    assert rest.next is None
    assert queries.counts(support, tenant.id) == queries.Counts(active=2, deactivated=1, admins=1, invited=0)
