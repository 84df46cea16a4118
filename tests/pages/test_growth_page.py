"""The growth page: figures, views, the tenants behind a click, and what it says to whom."""

from decimal import Decimal

import pytest

from core.customers.growth import months
from core.customers.tenants import actions as tenants
from core.kernel.times import utc_now
from tests.core.customers.growth.conftest import at, book, people  # noqa: F401  (fixtures)

KEY = "customers/growth"


@pytest.fixture
def known(people, book):  # noqa: F811
    made = people(3)
    book(made, [
        (0, at(2026, 1), Decimal(100)), (1, at(2026, 1), Decimal(40)), (1, at(2026, 3), Decimal(0)),
        (2, at(2026, 2), Decimal("10.25")),
    ])  # fmt: skip
    return made


def figures(app) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


def behind(app):
    """The table that a click leads to."""
    return next(one.value for one in app.dataframe if "tenant" in one.value)


def captions(app) -> str:
    return "\n".join(one.value for one in app.caption)


def test_figures_are_of_the_month_in_the_address(open_page, actor_of, known):
    app = open_page(actor_of("admin"), KEY, as_of="2026-02")
    assert (figures(app)["MRR"], figures(app)["ARR"], figures(app)["Paying tenants"]) == (
        "150.25 USD",
        "1,803 USD",
        "3",
    )
    assert "the end of 2026-02" in captions(app) and "assigned to you" not in captions(app)
    app.selectbox(key="as_of").set_value("2026-03").run()
    assert (figures(app)["MRR"], figures(app)["Tenants lost"]) == ("110.25 USD", "33.3%")
    app = open_page(actor_of("admin"), KEY, as_of="1999-01")
    assert f"this shows {months.name_of(months.number_of(utc_now()))}" in captions(app)
    assert not app.exception


@pytest.mark.parametrize("view", ["Movements", "Retention", "Cohorts", "Breakdown", "Trials"])
def test_every_view_shows_without_trouble(open_page, actor_of, known, view):
    app = open_page(actor_of("admin"), KEY, view=view, as_of="2026-03")
    assert not app.exception
    assert len(app.dataframe) > 0 or view in {"Cohorts", "Trials"}
    assert ("No trial began" in (app.info[0].value if app.info else "")) == (view == "Trials")


def test_the_tenants_behind_a_figure_are_listed_and_closed_again(open_page, actor_of, known):
    app = open_page(actor_of("admin"), KEY, month="2026-03", kind="churn")
    assert list(behind(app)["tenant"]) == ["Tenant 1"]
    assert list(behind(app)["amount"]) == [-40]
    app.button(key="close_behind").click().run()
    assert "kind" not in app.query_params and not app.exception
    app = open_page(actor_of("admin"), KEY, as_of="2026-02", kind="paying")
    assert list(behind(app)["mrr"]) == [100, 40, 10.25]
    app = open_page(actor_of("admin"), KEY, view="Cohorts", cohort="2026-01")
    assert list(zip(behind(app)["tenant"], behind(app)["mrr"], strict=True)) == [
        ("Tenant 0", 100),
        ("Tenant 1", 0),
    ]
    app = open_page(actor_of("admin"), KEY, month="nonsense", kind="churn")
    assert "Write a month" in captions(app) and not app.exception


def test_who_sees_some_tenants_is_told_so_and_sees_theirs(open_page, actor_of, system, known):
    manager = actor_of("client_success")
    assert "Nothing was ever paid" in open_page(manager, KEY).info[0].value
    tenants.assign_operator(system, known[2][0], operator_id=manager.operator_id)
    app = open_page(manager, KEY, as_of="2026-02")
    assert figures(app)["MRR"] == "10.25 USD" and "assigned to you" in captions(app)


def test_page_is_closed_without_the_right(open_page, actor_of):
    app = open_page(actor_of("support"), KEY)
    assert "does not include the page Growth" in app.error[0].value
