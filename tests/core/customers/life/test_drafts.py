"""Drafts of new tenants: kept per operator, seen by nobody else, out of the audit; and what each step refuses."""

from datetime import date

import pytest

from core.customers.tenants import blast_radius
from core.customers.tenants.drafts import actions, queries, rules
from core.kernel.errors import Denied, Invalid, NotFound
from tests.core.customers.test_tenants import make

TYPED = {"name": "Acme", "domain": "acme", "owner_email": "ann@acme.example", "is_trial": True,
         "trial_ends_on": date(2030, 5, 1)}  # fmt: skip
TODAY = date(2030, 4, 1)


def test_draft_is_kept_as_typed_and_replaced_and_discarded(db, raw, actor_of):
    admin = actor_of("admin")
    assert queries.own(admin) is None
    actions.save(admin, step="identity", values=TYPED)
    actions.save(admin, step="owner", values=TYPED | {"domain": "acme.example"})
    draft = queries.own(admin)
    assert (draft.step, draft.values) == ("owner", TYPED | {"domain": "acme.example"})
    assert "ann@acme" not in str(raw("SELECT changes, details FROM audit_entry"))
    actions.discard(admin)
    actions.discard(admin)
    assert queries.own(admin) is None


def test_draft_is_its_operators_alone(db, actor_of):
    actions.save(actor_of("admin"), step="identity", values=TYPED)
    assert queries.own(actor_of("admin")) is None
    assert queries.own(actor_of("super_admin")) is None
    with pytest.raises(Denied):
        queries.own(actor_of("support"))
    with pytest.raises(Denied):
        actions.save(actor_of("support"), step="identity", values=TYPED)


def test_draft_holds_known_fields_of_a_sane_length(db, actor_of):
    admin = actor_of("admin")
    actions.save(admin, step="plan", values={"tier": "pro", "other": "x", "seats": None})
    assert queries.own(admin).values == {"tier": "pro"}
    with pytest.raises(Invalid):
        actions.save(admin, step="plan", values={"name": "x" * 501})
    with pytest.raises(Invalid):
        actions.save(admin, step="nowhere", values={})


@pytest.mark.parametrize(
    ("step", "values", "fields"),
    [
        ("identity", {"name": " ", "domain": "acme"}, {"name", "domain"}),
        ("identity", {"name": "Acme", "domain": "bücher.example"}, set()),
        ("identity", {"name": "Acme", "domain": "xn--zz--zz.example"}, {"domain"}),
        ("plan", {"tier": "gold", "seats": 0}, {"tier", "seats"}),
        ("plan", {"tier": "pro", "seats": 3}, set()),
        ("region", {"region": "MARS"}, {"region"}),
        ("owner", {"owner_name": "", "owner_email": "nobody"}, {"owner_name", "owner_email"}),
        ("owner", {"owner_name": "Ann", "owner_email": "ann@acme.example"}, set()),
        ("trial", {"is_trial": True, "trial_ends_on": TODAY}, {"trial_ends_on"}),
        ("trial", {"is_trial": True, "trial_ends_on": date(2032, 1, 1)}, {"trial_ends_on"}),
        ("trial", {"is_trial": False}, set()),
    ],
)
def test_each_step_tells_what_is_wrong_with_it(step, values, fields):
    try:
        rules.require_step(step, values, TODAY)
    except Invalid as error:
        assert set(error.fields) == fields
    else:
        assert fields == set()


def test_domain_in_use_is_told_at_its_step_also_in_other_letters(db, actor_of, system):
    make(system, domain="bücher.example")
    with pytest.raises(Invalid, match="already in use"):
        queries.require_free(actor_of("admin"), "xn--BCHER-kva.example")
    assert queries.require_free(actor_of("admin"), "Straße.example") == "xn--strae-oqa.example"


def test_blast_radius_counts_what_is_hit_and_says_what_is_unknown(db, raw, actor_of, system):
    tenant, other = make(system), make(system)
    for number, one in enumerate((tenant, tenant, other)):
        raw("INSERT INTO tenant_user (id, tenant_id, email, name, is_admin, created_at, updated_at, version) VALUES"
            " (gen_random_uuid(), :id, :email, 'A', false, now(), now(), 1)", id=one.id, email=f"{number}@a.example")  # fmt: skip
    known = blast_radius.counts(system, tenant.id).set_index("key")
    assert known.loc["users", "count"] == 2
    assert known.loc["webhooks", "count"] == 0
    assert known.loc["contracts", "note"] == "Not kept here yet"
    assert known.loc["tickets", "count"] == 0
    limited = blast_radius.counts(actor_of("support_tier_1"), tenant.id).set_index("key")
    assert (limited["count"].isna()["webhooks"], limited.loc["webhooks", "note"]) == (
        True,
        "Your role does not see these",
    )
    with pytest.raises(NotFound):
        blast_radius.counts(actor_of("client_success"), tenant.id)


def test_another_slice_joins_the_blast_radius(db, system, monkeypatch):
    monkeypatch.setattr(blast_radius, "_kinds", dict(blast_radius._kinds))
    tenant = make(system)
    counted = blast_radius._of(blast_radius.Webhook)
    blast_radius.register(blast_radius.Kind("contracts", "Contracts", "contracts:read", counted))
    known = blast_radius.counts(system, tenant.id).set_index("key")
    assert (known.loc["contracts", "count"], known.loc["contracts", "note"]) == (0, "")
