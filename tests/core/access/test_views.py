"""Saved views: kept, changed and deleted by their owner, and nobody else's whatever his rights."""

from functools import partial
from uuid import uuid4

import pytest

from core.access.operators import actions as operators
from core.access.operators import rules as operator_rules
from core.access.views import actions, queries, rules
from core.kernel.actor import Actor
from core.kernel.errors import Denied, Invalid, NotFound

PAGE = "customers/tenants"


@pytest.fixture
def person(db, system, actor_of, monkeypatch):
    monkeypatch.setattr(operator_rules, "COST", 4)

    def make(role: str) -> Actor:
        made = operators.create(
            system, email=f"{uuid4().hex}@a.example", name="Ann", role=role, password="correct horse battery"
        )
        return actor_of(role, operator_id=made.id)

    return make


def test_a_view_is_kept_changed_renamed_and_deleted_with_a_trace(person, raw):
    ann = person("support_tier_1")
    made = actions.create(ann, page=PAGE, name="  At   risk ", query={"status": ["trial", "active"], "text": []})
    actions.update(ann, made.id, query={"status": ["trial"]})
    actions.rename(ann, made.id, name="Trials")
    view = queries.own(ann, PAGE)[0]
    assert (view.name, view.query, view.is_default) == ("Trials", {"status": ["trial"]}, False)
    actions.delete(ann, made.id)
    assert queries.own(ann, PAGE) == []
    trail = raw("SELECT action FROM audit_entry WHERE action LIKE 'views.%' ORDER BY occurred_at, id")
    assert [row.action for row in trail] == ["views.create", "views.update", "views.rename", "views.delete"]
    assert raw("SELECT count(*) FROM event WHERE type LIKE 'views.%'")[0].count == 4


def test_one_view_opens_by_itself(person):
    ann = person("support")
    first, second = (actions.create(ann, page=PAGE, name=name, query={"text": [name]}) for name in ("A", "B"))
    for view in (first, second, second):
        actions.make_default(ann, view.id)
    assert [(view.name, view.is_default) for view in queries.own(ann, PAGE)] == [("A", False), ("B", True)]
    actions.clear_default(ann, second.id)
    assert not any(view.is_default for view in queries.own(ann, PAGE))
    assert queries.own(ann, "customers/users") == []


def test_nobody_else_sees_or_changes_a_view_not_even_with_every_right(person, raw):
    view = actions.create(person("support"), page=PAGE, name="Mine", query={"text": ["secret"]})
    acts = [
        partial(actions.update, query={}), partial(actions.rename, name="Yours"), actions.delete, actions.make_default,
        actions.clear_default,
    ]  # fmt: skip
    for other in (person("super_admin"), person("support")):
        assert queries.own(other, PAGE) == []
        for act in acts:
            with pytest.raises(NotFound):
                act(other, view.id)
    assert raw("SELECT name, version FROM saved_view")[0] == ("Mine", 1)


def test_what_cannot_be_a_view_is_refused(person, system, monkeypatch):
    ann = person("support")
    actions.create(ann, page=PAGE, name="Mine", query={})
    with pytest.raises(Invalid, match="already in use"):
        actions.create(ann, page=PAGE, name="MINE", query={})
    for given in ({"name": " "}, {"name": "x" * 81}, {"page": "../etc"}, {"query": {"text": ["x" * 5_000]}}):
        with pytest.raises(Invalid):
            actions.create(ann, **({"page": PAGE, "name": "Other", "query": {}} | given))
    with pytest.raises(Denied, match="Only an operator"):
        actions.create(system, page=PAGE, name="Robot's", query={})
    monkeypatch.setattr(rules, "MAX_VIEWS", 1)
    with pytest.raises(Invalid, match="Delete one first"):
        actions.create(ann, page=PAGE, name="Second", query={})
