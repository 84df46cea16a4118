"""The search page: the box in the address, groups with counts and links, empty states, recent searches."""

from tests.core.customers.test_search import world  # noqa: F401  (a fixture)

KEY = "customers/search"


def told(app) -> str:
    return "\n".join(one.value for one in [*app.main.markdown, *app.main.caption, *app.main.info])


def test_box_finds_groups_with_counts_and_leads_on(open_page, actor_of, world):  # noqa: F811
    app = open_page(actor_of("support"), KEY)
    assert "**Tenants** by name, domain or id" in told(app) and "Press Enter" in told(app)
    app.text_input(key="text").set_value("acme").run()
    assert "**Tenants** :gray[2]" in told(app) and "Nothing in users, invoices" in told(app)
    (first, *_) = app.main.get("page_link")
    assert first.proto.label.startswith("Acme Works") and str(world.id) in first.proto.query_string
    app.text_input(key="text").set_value("nothing such").run()
    assert "Nothing that you may see matches “nothing such”" in told(app)
    app.button(key="recent_0").click().run()
    assert app.text_input(key="text").value == "acme" and "**Tenants** :gray[2]" in told(app)
    assert not app.exception


def test_address_chooses_text_and_kinds(open_page, actor_of, world):  # noqa: F811
    app = open_page(actor_of("support"), KEY, text="acme", only="Domains")
    assert "**Domains**" in told(app) and "**Tenants**" not in told(app)
    app = open_page(actor_of("support"), KEY, text="a")
    assert "at least two characters" in told(app)
    app = open_page(actor_of("support"), KEY, text="**[x](javascript:alert)**' OR 1=1 %_\\ <b>")
    assert "Nothing that you may see" in told(app) and not app.exception


def test_role_that_sees_nothing_is_told_so_and_the_sidebar_leads_here(open_page, actor_of, world):  # noqa: F811
    assert "sees nothing that can be searched" in told(open_page(actor_of("support", grants=frozenset()), KEY))
    app = open_page(actor_of("support"))
    app.text_input(key="search").set_value("acme").run()
    assert "All results" in [one.proto.label for one in app.sidebar.get("page_link")]
