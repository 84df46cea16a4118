"""The page of dedicated infrastructure: empty, with rows, forbidden, and what its forms do."""

from datetime import timedelta

from core.customers.infrastructure import actions, queries
from core.kernel.times import utc_now
from tests.core.customers.infrastructure.test_infrastructure import finish, make
from tests.core.customers.test_tenants import make as make_tenant

KEY = "customers/infrastructure"


def told(app) -> str:
    parts = (*app.error, *app.warning, *app.info, *app.success)
    return " ".join(str(one.value) for one in parts)


def buttons(app) -> set:
    return {button.key for button in app.button}


def test_empty_forbidden_and_read_only(open_page, actor_of, system):
    app = open_page(actor_of("admin"), KEY)
    assert not app.exception and "Request the first" in told(app) and "request" in buttons(app)
    for view, words in (("Violations", "lies in its tenant's region"), ("Open steps", "No step is open")):
        assert words in told(open_page(actor_of("admin"), KEY, view=view)), view
    assert "infrastructure:read" in told(open_page(actor_of("hotline_operator"), KEY))
    row = make(system)
    app = open_page(actor_of("support"), KEY, record=str(row.id))
    assert not app.exception
    assert not buttons(app) & {"request", "edit", "start", "retire", "make_ready"}
    assert "does not exist" in told(open_page(actor_of("implementation_specialist"), KEY, record=str(row.id)))
    assert "does not exist" in told(open_page(actor_of("admin"), KEY, record="nonsense"))


def test_records_are_listed_with_what_is_unknown_and_filtered_by_the_address(open_page, actor_of, system):
    acme = make_tenant(system, "Acme [x](y) *", region="US", tier="enterprise")
    make(system, acme, host="db-7.example")
    make(system, make_tenant(system, "Beta", tier="enterprise"), provider="other", region="cellar")
    app = open_page(actor_of("admin"), KEY)
    rows = app.dataframe[0].value.set_index("tenant")
    assert rows.loc["Beta", "place"] == "Other cellar (group unknown)"
    assert rows["host"].isna().tolist() == [True, False]
    assert list(rows["agreement"]) == ["Region unknown", "Region violated"]
    app = open_page(actor_of("admin"), KEY, residency="Region violated")
    assert list(app.dataframe[0].value["tenant"]) == ["Acme [x](y) *"]
    app = open_page(actor_of("admin"), KEY, text="bet")
    assert list(app.dataframe[0].value["tenant"]) == ["Beta"]
    app.text_input(key="text").set_value("zzz").run()
    assert "No record matches" in told(app)


def test_a_violation_says_since_when_by_whom_and_how_to_settle_and_home_counts_it(open_page, actor_of):
    admin = actor_of("admin", name="Ann Admin")
    row = make(admin, make_tenant(admin, "Acme", region="APAC", tier="enterprise"))
    app = open_page(admin, KEY, view="Violations")
    shown = app.dataframe[0].value.iloc[0]
    assert (shown["tenant"], shown["tenant_region"], shown["caused_by_name"]) == ("Acme", "APAC", "Ann Admin")
    assert shown["settle"].startswith("Request infrastructure in APAC (AWS: ap-east-1")
    app = open_page(admin, KEY, record=str(row.id))
    for words in ("must lie in APAC", "by Ann Admin", "To settle it", "Change the tenant's region to EU"):
        assert words in told(app), words
    home = open_page(admin)
    metrics = {metric.label: metric.value for metric in home.metric}
    assert metrics["Residency violations"] == "1"
    actions.update(admin, row.id, provider="other", region="cellar")
    assert "its violation is not settled. Since" in told(open_page(admin, KEY, record=str(row.id)))
    assert "Say in the record" in open_page(admin, KEY, view="Violations").dataframe[0].value["settle"].iloc[0]
    actions.update(admin, row.id, provider="aws", region="ap-south-1")
    assert list(open_page(admin, KEY, view="Violations", settled="true").dataframe[0].value["settled_by_name"]) == [
        "Ann Admin"
    ]


def test_request_keeps_what_was_typed_when_it_is_refused(open_page, actor_of, raw):
    admin = actor_of("admin")
    tenant = make_tenant(admin, "Acme", tier="enterprise")
    app = open_page(admin, KEY)
    app.button(key="request").click().run()
    app.text_input(key="new_host").set_value("postgres://root:hunter2@db")
    app.button(key="new_submit").click().run()
    assert "Choose a tenant" in told(app)
    app.selectbox(key="new_tenant").set_value(str(tenant.id))
    app.selectbox(key="new_region_aws").set_value("eu-west-3").run()
    app.button(key="new_submit").click().run()
    assert "secret store" in told(app) and "hunter2" not in told(app)
    assert app.text_input(key="new_host").value == "postgres://root:hunter2@db"
    app.text_input(key="new_host").set_value("db.example")
    app.number_input(key="new_cpus").set_value(8)
    app.button(key="new_submit").click().run()
    assert not app.exception
    assert raw("SELECT host, cpus, region, region_group FROM infrastructure") == [("db.example", 8, "eu-west-3", "EU")]


def test_a_record_is_started_edited_made_ready_and_retired(open_page, actor_of, raw):
    admin = actor_of("admin")
    row = make(admin, host="db.example", database_name="acme")
    app = open_page(admin, KEY, record=str(row.id))
    app.button(key="start").click().run()
    app.button(key="make_ready").click().run()
    assert "Not every required step is done" in told(app)
    finish(admin, row)
    app.button(key="edit").click().run()
    actions.update(admin, row.id, storage_gb=10)
    app.text_input(key="edit_database").set_value("other").run()
    app.button(key="edit_submit").click().run()
    assert "storage_gb" in told(app), "who was faster changed the storage"
    app = open_page(admin, KEY, record=str(row.id))
    app.button(key="make_ready").click().run()
    assert raw("SELECT status, database_name FROM infrastructure") == [("ready", "acme")]
    app.button(key="retire").click().run()
    app.button(key="retire_submit").click().run()
    assert "Say why" in told(app)
    app.text_area(key="retire_reason").set_value("Moved")
    app.button(key="retire_submit").click().run()
    assert raw("SELECT status, retirement_reason FROM infrastructure") == [("retired", "Moved")]
    assert not app.exception and not buttons(app) & {"edit", "retire", "start", "make_ready"}


def test_steps_are_changed_in_a_dialog_and_late_ones_listed(open_page, actor_of, raw):
    admin = actor_of("admin")
    row = make(admin, make_tenant(admin, "Acme", tier="enterprise"))
    step = queries.steps(admin, row.id).iloc[0]
    actions.update_step(admin, step["id"], due_on=utc_now().date() - timedelta(days=4))
    app = open_page(admin, KEY, view="Open steps", late="true")
    assert app.dataframe[0].value[["tenant", "late"]].values.tolist() == [["Acme", 4]]
    app = open_page(admin, KEY, record=str(row.id))
    assert app.dataframe[0].value["state"].iloc[0] == "Open, late"
    app.session_state["step_chosen"], app.session_state["infrastructure_dialog"] = str(step["id"]), "step"
    app.session_state["infrastructure_dialog_version"] = 2
    app.run()
    app.selectbox(key=f"step_state_{step['id']}").set_value("done")
    app.button(key="step_submit").click().run()
    assert "Say in the evidence" in told(app)
    app.text_area(key=f"step_evidence_{step['id']}").set_value("OPS-7")
    app.button(key="step_submit").click().run()
    assert not app.exception
    assert raw("SELECT state, evidence FROM infrastructure_step WHERE id = :id", id=step["id"]) == [("done", "OPS-7")]


def test_the_tenants_tab_shows_its_records(open_page, actor_of):
    admin = actor_of("admin")
    tenant = make_tenant(admin, "Acme", tier="enterprise")
    app = open_page(admin, "customers/tenants", tenant=str(tenant.id), tab="infrastructure")
    assert not app.exception and "served from the shared one" in told(app)
    row = make(admin, tenant)
    make(admin, tenant, region="us-east-1")
    app = open_page(admin, "customers/tenants", tenant=str(tenant.id), tab="infrastructure")
    assert "must lie in EU" in told(app)
    app.selectbox(key="tenant_record").set_value(str(row.id)).run()
    assert not app.exception and "must lie in" not in told(app)
