"""Names, colours and logo of a tenant: what is stored, refused, recorded."""

import pytest

from core.customers.branding import actions, included, queries, rules
from core.customers.tenants import actions as tenants
from core.kernel.errors import Conflict, Denied, Invalid, NotFound
from tests.core.customers.branding.test_logos import picture
from tests.core.customers.test_tenants import make


def test_names_and_colours_are_cleaned_stored_and_recorded(db, raw, actor_of):
    admin = actor_of("admin")
    tenant = make(admin)
    assert queries.one(admin, tenant.id)["version"] == 0
    given = {
        "company_name": "  Ácme \n GmbH ",
        "support_email": "Help@Acme.example",
        "button_color": "#ABC",
        "text_color": "",
    }
    actions.update(admin, tenant.id, version=0, button_text_color="#000000", **given)
    found = queries.one(admin, tenant.id)
    assert (found["company_name"], found["support_email"]) == ("Ácme GmbH", "help@acme.example")
    assert (found["button_color"], found["text_color"], found["version"]) == ("#aabbcc", None, 1)
    entry = raw("SELECT tenant_id, changes FROM audit_entry WHERE action = 'branding.update'")[0]
    assert entry.tenant_id == tenant.id and entry.changes[0]["columns"]["button_color"] == [None, "#aabbcc"]
    assert raw("SELECT count(*) FROM event WHERE type = 'branding.update'")[0].count == 1


def test_two_at_once_one_gets_the_conflict(db, actor_of):
    admin = actor_of("admin")
    tenant = make(admin)
    actions.update(admin, tenant.id, version=0, company_name="First")
    with pytest.raises(Conflict, match="company_name"):
        actions.update(admin, tenant.id, version=0, company_name="Second")
    actions.update(admin, tenant.id, version=1, company_name="Third")
    assert queries.one(admin, tenant.id)["company_name"] == "Third"


def test_every_bad_field_is_named_and_nothing_is_stored(db, raw, actor_of):
    admin = actor_of("admin")
    bad = {
        "company_name": "x" * 121, "support_email": "nobody", "sender_name": "ceo@bank.example", "text_color": "red",
        "button_color": "#12345g", "logo_url": "http://x",
    }  # fmt: skip
    with pytest.raises(Invalid) as caught:
        actions.update(admin, make(admin).id, **bad)
    assert set(caught.value.fields) == set(bad)
    with pytest.raises(Invalid, match="WCAG"):
        actions.update(admin, make(admin).id, text_color="#cccccc")
    assert raw("SELECT count(*) FROM tenant_branding")[0].count == 0


@pytest.mark.parametrize(
    "name",
    [
        "Zoë & Söhne <b>",
        "株式会社テスト",
        "مؤسسة می‌خواهم",
        "'; DROP TABLE tenant; --",
        "🏴‍☠️ Pirates",
        "$x$ {{7*7}} [a](b)",
    ],
)
def test_naughty_names_are_kept_as_they_are(name):
    assert rules.clean({"company_name": name})["company_name"] == name


@pytest.mark.parametrize("name", ["evil\u202egnp.exe", "pay\u200bpal", "a\x00b", "a\u2066b", "\ud800"])
def test_names_that_deceive_the_eye_are_refused(name):
    with pytest.raises(Invalid):
        rules.clean({"sender_name": name})


def test_the_logo_is_kept_and_its_bytes_stay_out_of_the_trail(db, raw, actor_of):
    admin = actor_of("admin")
    tenant = make(admin)
    assert queries.logo(admin, tenant.id) is None
    actions.set_logo(admin, tenant.id, content=picture(), version=0)
    actions.set_logo(admin, tenant.id, content=picture("JPEG", (200, 100)), version=1)
    kept = queries.logo(admin, tenant.id)
    assert (kept.media_type, kept.width, queries.one(admin, tenant.id)["logo_digest"]) == (
        "image/jpeg",
        200,
        kept.digest,
    )
    told = raw("SELECT changes FROM audit_entry WHERE action = 'branding.set_logo' ORDER BY id")[-1].changes[0][
        "columns"
    ]
    assert told["content"] == ["•••", "•••"] and told["digest"][1] == kept.digest
    with pytest.raises(Conflict):
        actions.remove_logo(admin, tenant.id, version=1)
    actions.remove_logo(admin, tenant.id, version=2)
    assert queries.logo(admin, tenant.id) is None


def test_only_plans_that_include_it_and_what_is_there_can_always_go(db, raw, actor_of):
    admin = actor_of("admin")
    basic, pro = make(admin, tier="basic"), make(admin, tier="pro")
    assert (included.is_included(admin, basic.id), included.is_included(admin, pro.id)) == (False, True)
    for attempt in (lambda: actions.update(admin, basic.id, company_name="B"),
                    lambda: actions.set_logo(admin, basic.id, content=picture())):  # fmt: skip
        with pytest.raises(Invalid, match="plan"):
            attempt()
    actions.set_logo(admin, pro.id, content=picture())
    raw("UPDATE tenant SET tier = 'basic' WHERE id = :id", id=pro.id)
    actions.remove_logo(admin, pro.id)
    assert raw("SELECT count(*) FROM tenant_logo")[0].count == 0


def test_branding_takes_the_right_and_the_sight_and_a_living_tenant(db, raw, actor_of):
    admin = actor_of("admin")
    tenant = make(admin)
    with pytest.raises(Denied):
        actions.update(actor_of("support"), tenant.id, company_name="X")
    with pytest.raises(Denied):
        queries.one(actor_of("hotline_operator"), tenant.id)
    outsider = actor_of("implementation_specialist")
    for attempt in (
        lambda: actions.update(outsider, tenant.id, company_name="X"),
        lambda: queries.one(outsider, tenant.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    tenants.delete(actor_of("super_admin"), tenant.id, reason="Left")
    with pytest.raises(NotFound):
        actions.set_logo(admin, tenant.id, content=picture())
    assert raw("SELECT count(*) FROM tenant_branding")[0].count == 0
