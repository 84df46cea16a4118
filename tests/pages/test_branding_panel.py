"""The tab of white-label: contrast at once, preview, logo, domains, and why not."""

from uuid import uuid4

from core.customers.branding import actions, queries
from core.customers.branding.logos import read
from pages.customers._branding import preview
from tests.core.customers.branding.test_logos import picture
from tests.core.customers.test_tenants import make as make_tenant
from tests.pages.test_infrastructure_page import buttons, told

KEY = "customers/tenants"


def open_tab(open_page, actor, tenant):
    return open_page(actor, KEY, tenant=str(tenant.id), tab="branding")


def test_colours_are_judged_before_they_are_saved_and_a_click_takes_the_nearest(open_page, actor_of):
    admin = actor_of("admin")
    tenant = make_tenant(admin, "Acme")
    app = open_tab(open_page, admin, tenant)
    assert not app.exception
    key = f"brand_{tenant.id}_"
    app.color_picker(key=f"{key}text_color").set_value("#bbbbbb").run()
    assert any("Fails 1.9" in one.value for one in app.markdown)
    app.text_input(key=f"{key}company_name").set_value("Ácme <b>")
    app.button(key=f"{key}save").click().run()
    assert "WCAG AA" in told(app)
    app.button(key=f"{key}suggest_0_text_color").click().run()
    app.button(key=f"{key}save").click().run()
    found = queries.one(admin, tenant.id)
    assert (found["company_name"], found["text_color"], found["button_color"]) == ("Ácme <b>", "#767676", None)


def test_two_editors_one_gets_the_conflict_and_keeps_what_was_typed(open_page, actor_of):
    admin = actor_of("admin")
    tenant = make_tenant(admin)
    app = open_tab(open_page, admin, tenant)
    key = f"brand_{tenant.id}_"
    app.text_input(key=f"{key}company_name").set_value("Mine")
    actions.update(admin, tenant.id, company_name="Theirs")
    app.button(key=f"{key}save").click().run()
    assert "was changed while you edited it" in told(app)
    assert app.text_input(key=f"{key}company_name").value == "Mine"
    app.run()
    app.button(key=f"{key}load").click().run()
    assert app.text_input(key=f"{key}company_name").value == "Theirs"
    assert queries.one(admin, tenant.id)["company_name"] == "Theirs"


def test_domains_are_added_with_their_record_and_removed(open_page, actor_of):
    admin = actor_of("admin")
    tenant = make_tenant(admin)
    app = open_tab(open_page, admin, tenant)
    app.text_input(key="new_domain").set_value("192.0.2.1")
    app.button(key="add_domain_submit").click().run()
    assert "not a domain that anybody can own" in told(app)
    app.text_input(key="new_domain").set_value("bücher.example")
    app.button(key="add_domain_submit").click().run()
    found = queries.domains(admin, tenant.id).iloc[0]
    assert [one.value for one in app.code] == [found["record_name"], found["record_value"]]
    app.button(key=f"domain_remove_{found['id']}").click().run()
    assert not app.exception and queries.domains(admin, tenant.id).empty


def test_without_the_plan_it_says_why_and_readers_only_look(open_page, actor_of, raw):
    admin = actor_of("admin")
    tenant = make_tenant(admin)
    actions.set_logo(admin, tenant.id, content=picture())
    domain = actions.add_domain(admin, tenant.id, domain="acme.example")
    app = open_tab(open_page, actor_of("support"), tenant)
    assert not app.exception and not {"logo_remove", "logo_save", "add_domain_submit"} & buttons(app)
    raw("UPDATE tenant SET tier = 'basic'")
    app = open_tab(open_page, admin, tenant)
    assert "not part of the plan Basic" in told(app)
    assert not {"logo_save", "add_domain_submit", f"domain_check_{domain.id}"} & buttons(app)
    app.button(key="logo_remove").click().run()
    assert queries.logo(admin, tenant.id) is None


def test_the_preview_shows_words_as_they_are_and_runs_nothing():
    names = {"company_name": "<a href='javascript:alert(1)'>X</a> & " + "株" * 40, "sender_name": "$x$ <b>"}
    seen = preview.look({"id": uuid4(), "name": "Acme"}, names, read(picture()), "bücher.example")
    for figure in (preview.sign_in(seen), preview.mail(seen)):
        texts = [one.text for one in figure.layout.annotations]
        assert not any("<" in text or ">" in text for text in texts)
        assert any(text.startswith("&lt;a href=") for text in texts)
        assert figure.layout.images[0].source.startswith("data:image/png;base64,")
        assert figure.layout.paper_bgcolor == "#ffffff"
    assert preview.fitted("株" * 40, 34) == "株" * 16 + "…"
    assert preview.plain(preview.fitted("a&b", 9)) == "a&amp;b"
