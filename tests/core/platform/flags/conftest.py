"""Flags made as a test needs them."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from core.kernel.actor import Actor
from core.platform.flags import actions, audience, evaluating, queries
from core.platform.flags.models import Flag
from tests.core.customers.test_tenants import make as make_tenant

EVERYBODY = {"is_enabled": True, "rollout_percentage": 100}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """What a process keeps outlives a test."""
    audience.forget()
    evaluating.of.cache_clear()
    yield
    evaluating.of.cache_clear()


@pytest.fixture
def make_flag(db, system) -> Callable[..., Flag]:
    def make(key: str = "new-grid", **values: Any) -> Flag:
        return actions.create(system, key=key, name=values.pop("name", key.title()), **values)

    return make


@pytest.fixture
def configure(db, system) -> Callable[..., Any]:
    """Changes one environment from whatever version it is at."""

    def change(flag: Flag, environment: str = "production", *, by: Actor = system, **values: Any) -> Any:
        version = queries.environments(system, flag.id)[environment]["version"]
        return actions.configure(by, flag.id, environment, version=version, **values)

    return change


@pytest.fixture
def make_tenants(db, system) -> Callable[..., list[Any]]:
    def make(number: int, **values: Any) -> list[Any]:
        return [make_tenant(system, f"Tenant {place:03d}", **values) for place in range(number)]

    return make


@pytest.fixture
def what(db) -> Callable[..., Any]:
    """Evaluates against what is stored now."""

    def evaluate(key: str, environment: str = "production", **context: Any) -> Any:
        evaluating.of(environment).look()
        return evaluating.of(environment).evaluate(key, evaluating.context(**context))

    return evaluate


def somebody() -> str:
    return str(uuid4())
