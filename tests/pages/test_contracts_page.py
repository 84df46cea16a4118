"""The page Contracts: empty, with rows, forbidden, one contract with its parts, and what its forms do."""

from datetime import timedelta

import pytest

from core.customers.contracts import actions, amending, documents, invoicing, queries, renewals
from core.customers.contracts.rules import number_of
from core.customers.invoices import document
from core.customers.invoices import queries as invoices
from core.kernel.times import utc_now
from tests.core.customers.contracts.making import draft, running
from tests.core.customers.test_tenants import make as make_tenant

KEY = "customers/contracts"
PDF = b"%PDF-1.7\n%signed\n"


def told(app) -> str:
    parts = (*app.error, *app.warning, *app.info, *app.success, *app.caption, *app.markdown)
    return " ".join(str(one.value) for one in parts)


def buttons(app) -> set:
    return {button.key for button in app.button}


def metrics(app) -> dict:
    return {metric.label: metric.value for metric in app.metric}


def today():
    return utc_now().date()


def test_empty_forbidden_and_read_only(open_page, actor_of, system):
    app = open_page(actor_of("admin"), KEY)
    assert not app.exception and "Create the first" in told(app) and "create" in buttons(app)
    assert metrics(app)["Renewal rate"] == "–"
    for view, words in (("Renewals", "No contract is to be renewed"), ("Tasks", "No task is open")):
        assert words in told(open_page(actor_of("admin"), KEY, view=view)), view
    assert "contracts:read" in told(open_page(actor_of("support"), KEY))
    contract = running(system)
    app = open_page(actor_of("support_admin"), KEY, contract=str(contract.id))
    assert not app.exception and not buttons(app) & {"amend", "terminate", "renew", "update"}
    assert "does not exist" in told(open_page(actor_of("client_success"), KEY, contract=str(contract.id)))
    assert "does not exist" in told(open_page(actor_of("admin"), KEY, contract="nonsense"))


def test_contracts_renewals_and_tasks_are_listed(open_page, actor_of, system):
    acme = make_tenant(system, "Acme [x](y) *")
    urgent = running(system, tenant=acme, starts_on=today() - timedelta(days=345), annual_value="120000")
    plain = {"annual_value": "7", "currency": "EUR", "uptime_target": None, "credit_tiers": []}
    running(system, starts_on=today() - timedelta(days=345), **plain)
    draft(system, tenant=make_tenant(system, "Zebra"))
    renewals.start_renewal(system, urgent.id)
    renewals.plan_tasks(system)
    admin = actor_of("admin")
    app = open_page(admin, KEY)
    shown = app.dataframe[0].value.set_index("tenant")
    assert shown.loc["Acme [x](y) *", ["number", "state", "value", "uptime", "latency", "response", "rto"]].tolist() == [
        number_of(urgent.number), "Renewing", "USD 120,000.00", "99.95 %", "100 ms", "1 h", "4 h",
    ]  # fmt: skip
    assert shown["uptime"].isna().sum() == 1 and shown.loc["Zebra", "state"] == "Draft"
    assert metrics(app)["ARR"] == "EUR 7.00" or metrics(app)["ARR"] == "USD 120,000.00"
    assert "2 contracts renew in the next 90 days, 2 of them in under 30" in told(app)
    app = open_page(admin, KEY, status="Draft")
    assert list(app.dataframe[0].value["tenant"]) == ["Zebra"]
    app.text_input(key="text").set_value("zzz").run()
    assert "No contract matches" in told(app)
    app = open_page(admin, KEY, view="Renewals")
    assert list(app.dataframe[0].value["stage"]) == ["In talks", "To start"]
    assert metrics(app)["In talks (1)"] == "USD 120,000.00"
    app = open_page(admin, KEY, view="Tasks")
    assert told(app).count("Due ") == 6 and len([key for key in buttons(app) if key.startswith("finish_")]) == 6
    task = next(key for key in buttons(app) if key.startswith("finish_"))
    app.text_input(key=task.replace("finish", "note")).set_value("By call").run()
    app.button(key=task).click().run()
    assert not app.exception and len([key for key in buttons(app) if key.startswith("finish_")]) == 5


@pytest.mark.parametrize("part", ["Terms", "Versions", "Invoices", "Tasks", "Documents"])
def test_one_contract_and_its_parts(open_page, actor_of, system, part):
    contract = running(
        system, starts_on=today() - timedelta(days=40), billing_cycle="monthly", limits={"api_calls": 5_000_000}
    )
    amending.amend(system, contract.id, reason="Stricter", uptime_target="99.99")
    invoicing.invoice_due(system)
    documents.add(system, contract.id, name="Agreement.pdf", content=PDF)
    app = open_page(actor_of("admin"), KEY, contract=str(contract.id), part=part)
    assert not app.exception
    assert metrics(app)["Annual value"] == "USD 120,000.00"
    expected = {
        "Terms": lambda: "99\\.99 %" in str(app.table[1].value) and "5,000,000" in str(app.table[2].value),
        "Versions": lambda: "99\\.99 %" in str(app.table[0].value["What it changed"].iloc[0]),
        "Invoices": lambda: app.dataframe[0].value["state"].tolist() == ["Open"] * 2 + ["Planned"] * 10,
        "Tasks": lambda: "None yet" in told(app),
        "Documents": lambda: "Agreement" in told(app),
    }
    assert expected[part]()


def test_a_draft_is_created_and_what_was_typed_stays_when_it_is_refused(open_page, actor_of, raw):
    admin = actor_of("admin")
    tenant = make_tenant(admin, "Acme")
    app = open_page(admin, KEY)
    app.button(key="create").click().run()
    app.text_input(key="new_tenant_text").set_value("acm").run()
    app.text_input(key="new_annual_value").set_value("120,000").run()
    app.text_input(key="new_credit_tiers").set_value("99.99: 10").run()
    app.text_input(key="new_limit_api_calls").set_value("Unlimited").run()
    app.button(key="new_submit").click().run()
    assert "Give the first day" in told(app)
    app.date_input(key="new_starts_on").set_value(today()).run()
    app.button(key="new_submit").click().run()
    assert "no tier begins above it" in told(app)
    assert raw("SELECT count(*) AS n FROM contract")[0].n == 0
    app.text_input(key="new_credit_tiers").set_value("99.95: 10, 99: 25 %").run()
    app.button(key="new_submit").click().run()
    assert not app.exception
    columns = "tenant_id, annual_value, credit_tiers, limits, status"
    kept = raw(f"SELECT {columns} FROM contract_version JOIN contract USING (tenant_id)")[0]
    tiers = [{"below": "99.95", "percent": "10"}, {"below": "99", "percent": "25"}]
    assert tuple(kept) == (tenant.id, 120000, tiers, {"api_calls": None}, "draft")


def test_activation_amendment_renewal_and_termination(open_page, actor_of, raw):
    admin = actor_of("admin")
    contract = draft(admin)
    key = str(contract.id)

    def act(name, **typed):
        app = open_page(admin, KEY, contract=key)
        app.button(key=name).click().run()
        for field, value in typed.items():
            app.text_input(key=f"{name}_{field}").set_value(value).run()
        app.button(key=f"{name}_submit").click().run()
        assert not app.exception
        return app

    act("activate")
    assert "Say why" in told(act("amend", annual_value="150000"))
    act("amend", annual_value="150000", reason="More seats")
    assert queries.one(admin, contract.id)["annual_value"] == 150000
    open_page(admin, KEY, contract=key).button(key="start_renewal").click().run()
    act("renew", annual_value="160000")
    rows = raw("SELECT status, renews_id FROM contract ORDER BY number")
    assert [row.status for row in rows] == ["renewed", "active"] and rows[1].renews_id == contract.id
    app = open_page(admin, KEY, contract=key)
    assert not buttons(app) & {"amend", "renew", "terminate"}
    other = running(admin)
    app = open_page(admin, KEY, contract=str(other.id))
    app.button(key="terminate").click().run()
    app.text_area(key="terminate_reason").set_value("Merger")
    app.button(key="terminate_submit").click().run()
    assert not app.exception and not [one.value for one in app.error]
    assert "Merger" in told(open_page(admin, KEY, contract=str(other.id)))


def test_a_stale_dialog_is_a_conflict(open_page, actor_of):
    admin = actor_of("admin")
    contract = running(admin)
    app = open_page(admin, KEY, contract=str(contract.id))
    app.button(key="amend").click().run()
    actions.update(admin, contract.id, account_executive="Zoe")
    app.text_input(key="amend_annual_value").set_value("1").run()
    app.text_input(key="amend_reason").set_value("Late").run()
    app.button(key="amend_submit").click().run()
    assert "was changed while you edited it" in told(app)
    assert len(queries.versions(admin, contract.id)) == 1


def test_the_tenant_shows_its_contracts_and_home_counts_what_is_urgent(open_page, actor_of, system):
    contract = running(system, starts_on=today() - timedelta(days=345))
    app = open_page(actor_of("admin"), "customers/tenants", tenant=str(contract.tenant_id), tab="contracts")
    assert not app.exception and list(app.dataframe[0].value["number"]) == [number_of(contract.number)]
    assert metrics(open_page(actor_of("admin")))["Renewals under 30 days"] == "1"


def test_an_invoice_leads_to_its_contract_and_is_a_document(open_page, actor_of, system, raw):
    contract = running(system)
    invoicing.invoice_due(system)
    key = raw("SELECT id FROM invoice WHERE contract_id = :c", c=contract.id)[0].id
    app = open_page(actor_of("admin"), "customers/invoices", invoice=str(key))
    assert not app.exception
    name, content = document.take(actor_of("admin"), key)
    assert content.startswith(b"%PDF-") and name == f"{invoices.one(system, key)['number']}.pdf"
    assert raw("SELECT count(*) AS n FROM audit_entry WHERE action = 'invoices.take_document'")[0].n == 1
