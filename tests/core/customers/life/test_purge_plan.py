"""A purge misses no table: every one that names a tenant is either cleared by the portal or kept for a reason."""

import subprocess
import sys
from uuid import uuid4

from sqlalchemy import ARRAY, BigInteger

import core.models  # noqa: F401  (every table)
from core.customers.tenants.purge.plan import KEPT, NAMED, clearings, tenant_columns
from core.kernel.models import Base

TABLES = Base.metadata.tables


def test_every_table_that_names_a_tenant_is_cleared_or_kept():
    cleared = {step.table.name for step in clearings(uuid4())}
    # A list of ids (to whom a message went) says nothing once the tenant is gone, and a number names nobody.
    named = {
        name for name, table in TABLES.items()
        if any("tenant" in column.name and not isinstance(column.type, (ARRAY, BigInteger)) for column in table.columns)
    }  # fmt: skip
    assert named - cleared - set(KEPT) == set()
    assert {name for name in named if not tenant_columns(TABLES[name])} == set()


def test_a_process_that_imported_little_clears_as_much():
    alone = "from core.customers.tenants.purge.plan import clearings; print(len(clearings(__import__('uuid').uuid4())))"
    told = subprocess.run([sys.executable, "-c", alone], capture_output=True, text=True, check=True)
    assert int(told.stdout) == len(clearings(uuid4()))


def test_rows_that_belong_to_a_cleared_row_go_with_it():
    cleared = {step.table.name for step in clearings(uuid4())}
    by_name = {
        name
        for name, table in TABLES.items()
        for column in table.columns
        if column.name.removesuffix("_id") in cleared and column.name.endswith("_id") and name not in KEPT
    }
    assert by_name - cleared == set()
    assert set(NAMED) <= cleared


def test_the_portal_may_remove_what_a_purge_clears(raw):
    allowed = {row.tablename for row in raw("SELECT tablename FROM pg_policies WHERE cmd IN ('DELETE', 'ALL')")}
    granted = {
        row.table_name
        for row in raw("SELECT table_name FROM information_schema.role_table_grants WHERE privilege_type = 'DELETE'"
                       " AND grantee = 'quarterdeck_app'")
    }  # fmt: skip
    cleared = {step.table.name for step in clearings(uuid4())}
    assert cleared - allowed == set()
    assert cleared - granted == set()


def test_what_refers_goes_before_what_it_refers_to():
    order = [step.table.name for step in clearings(uuid4()) if not step.is_observation]
    places = {name: place for place, name in enumerate(order)}
    for name in order:
        for key in TABLES[name].foreign_keys:
            parent = key.column.table.name
            if parent != name and (parent, name) != ("monitor", "monitor_tenant"):
                assert places.get(parent, len(order)) > places[name], (name, parent)
