"""Active users: what is unknown is not 0, counts are those of the data, a tenant opens, and the right is asked for."""

from datetime import timedelta
from uuid import uuid4

from core.health.active import tasks
from core.kernel.actor import Actor
from tests.core.customers.test_tenants import make
from tests.core.health.test_active import person, requested  # noqa: F401
from tests.pages.test_health_pages import figures, words

PAGE = "health/active_users"
SYSTEM = Actor.system("test")


def test_without_any_count_everything_but_this_moment_is_unknown(open_page, actor_of):
    app = open_page(actor_of("support"), PAGE)
    assert not app.exception
    told = figures(app)
    assert told["Active now"] == "–"
    assert {told[name] for name in ("In 24 h", "In 7 d", "In 30 d", "Stickiness", "Active tenants")} == {"–"}
    assert "have not been counted yet" in words(app)
    assert "Nobody opened a page" in words(app)


def test_operator_of_this_minute_is_shown_at_once(open_page, actor_of):
    requested(uuid4(), timedelta(minutes=1), route="/audit")
    app = open_page(actor_of("developer"), PAGE)
    assert app.metric[0].value == "1"
    assert list(app.dataframe[0].value["route"]) == ["/audit"]


def test_people_of_a_tenant_are_counted_and_listed(open_page, actor_of, system, person):  # noqa: F811
    alpha = make(system, "Alpha").id
    for seen in (timedelta(minutes=2), timedelta(days=3), timedelta(days=20), None):
        person(alpha, seen)
    make(system, "Beta")
    tasks.count_users(SYSTEM)
    app = open_page(actor_of("support"), PAGE)
    assert not app.exception
    told = figures(app)
    assert (told["In 24 h"], told["In 7 d"], told["In 30 d"], told["Stickiness"]) == ("1", "2", "3", "33%")
    assert "of 1 of 4 users it is not known when they were seen" in words(app)
    assert list(app.dataframe[-1].value["tenant"]) == ["Alpha"]


def test_product_that_never_told_of_anybody_is_said_to_be_unknown(open_page, actor_of, system, person):  # noqa: F811
    person(make(system, "Alpha").id, None)
    tasks.count_users(SYSTEM)
    app = open_page(actor_of("support"), PAGE)
    assert "the product has not told when any of them was seen" in words(app)
    assert figures(app)["In 30 d"] == "–"


def test_search_that_finds_no_tenant_says_so(open_page, actor_of, system, person):  # noqa: F811
    person(make(system, "Alpha").id, timedelta(hours=1))
    tasks.count_users(SYSTEM)
    app = open_page(actor_of("support"), PAGE, tenant_text="zzz")
    assert "No tenant matches" in words(app)


def test_page_is_refused_without_the_right(open_page, actor_of):
    app = open_page(actor_of("developer", grants=frozenset()), PAGE)
    assert "does not include the page" in app.error[0].value
    assert not app.metric
