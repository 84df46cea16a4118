"""What is typed into a grid: kept, shown, taken back, saved against the version it was typed over."""

from uuid import uuid4

import pandas as pd
import pytest

from pages._parts import drafts

FIELDS = {"subject": "subject", "priority": "priority", "tags": "tags", "assignee": "assignee_id"}
ONE, OTHER = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"


@pytest.fixture
def loaded():
    return pd.DataFrame({
        "id": [ONE, OTHER], "version": [3, 7], "reference": ["QD-000001", "QD-000002"], "subject": ["Alpha", "Beta"],
        "priority": ["Low", "High"], "tags": [["vip"], []], "assignee": ["Ada", None],
    })  # fmt: skip


def keep(held, loaded, typed):
    drafts.keep(held, loaded, typed, fields=FIELDS, label="reference")


def test_typed_values_are_kept_until_they_are_typed_back(loaded):
    held = {}
    keep(held, loaded, {0: {"priority": "Urgent"}, 1: {"tags": ["new"], "assignee": "Ada"}})
    keep(held, loaded, {0: {"priority": "Urgent", "subject": "Other", "reference": "not for typing"}})
    assert (held[ONE].label, held[ONE].values) == ("QD-000001", {"priority": "Urgent", "subject": "Other"})
    shown = drafts.with_drafts(loaded, held)
    assert list(shown["priority"]) == ["Urgent", "High"]
    assert list(shown["tags"]) == [["vip"], ["new"]]
    assert list(loaded["priority"]) == ["Low", "High"]
    keep(held, loaded, {0: {"priority": "Low", "subject": "Alpha"}, 1: {"assignee": None, "tags": []}})
    assert held == {}


def test_values_are_saved_over_the_version_they_were_typed_over(loaded):
    held, ada = {}, uuid4()
    keep(held, loaded, {1: {"assignee": "Ada"}})
    keep(held, loaded.assign(version=[4, 8]), {1: {"assignee": "Ada", "priority": "Urgent"}})
    assert held[OTHER].version == 7
    ids = {"assignee": {"Ada": ada}, "priority": {"Urgent": "urgent"}}
    assert drafts.saved(held[OTHER].values, FIELDS, ids) == {"assignee_id": ada, "priority": "urgent"}
    keep(held, loaded, {0: {"assignee": None}})
    assert drafts.saved(held[ONE].values, FIELDS, ids) == {"assignee_id": None}


def test_a_row_is_saved_over_anothers_change_only_once_it_was_told_and_shown(loaded):
    held = {}
    keep(held, loaded, {0: {"subject": "mine"}, 1: {"subject": "mine too"}})
    assert drafts.settle(held, {ONE: "Emma changed priority."}) == (1, 1)
    assert held[ONE].problem == "Emma changed priority."
    later = loaded.assign(version=[5, 9])
    drafts.rebase(held, later)
    assert held[ONE].version == 5
    drafts.rebase(held, later.assign(version=[6, 9]))
    assert held[ONE].version == 5, "what changed since was not told"
