"""A missing or wrong key is a clear error at start, never a silent re-key."""

import base64

import pytest

from core.kernel import crypto, db
from core.kernel.errors import KeyProblem
from core.kernel.keycheck import require_key
from core.kernel.settings import settings


@pytest.fixture
def environment(committed_db, monkeypatch):
    def use(keys: str | None) -> None:
        monkeypatch.delenv("ENCRYPTION_KEYS", raising=False)
        if keys:
            monkeypatch.setenv("ENCRYPTION_KEYS", keys)
        settings.cache_clear()
        crypto.keys.cache_clear()

    yield use
    monkeypatch.undo()
    settings.cache_clear()
    crypto.keys.cache_clear()


def key(name: str, byte: int) -> str:
    return f"{name}:{base64.b64encode(bytes([byte] * 32)).decode()}"


def test_first_start_makes_a_private_key_file_and_the_second_reuses_it(environment):
    environment(None)
    require_key()
    first = crypto.key_file().read_text()
    require_key()
    assert crypto.key_file().read_text() == first


def test_lost_key_file_is_an_error_and_not_a_new_key(environment):
    environment(None)
    require_key()
    crypto.key_file().unlink()
    crypto.keys.cache_clear()
    with pytest.raises(KeyProblem, match="missing"):
        require_key()
    assert not crypto.key_file().exists()


def test_other_key_under_the_same_id_is_refused(environment):
    environment(key("a", 1))
    require_key()
    environment(key("a", 2))
    with pytest.raises(KeyProblem, match="does not open"):
        require_key()


def test_new_active_key_needs_the_old_one_beside_it(environment):
    environment(key("a", 1))
    require_key()
    environment(key("b", 2))
    with pytest.raises(KeyProblem, match="'a'"):
        require_key()
    environment(f"{key('b', 2)},{key('a', 1)}")
    require_key()


def test_engine_survives_connections_that_died_while_idle(committed_db, committed_raw, system):
    from core.customers.tenants import queries

    assert queries.count(system, queries.Filters()) == 0
    committed_raw(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert queries.count(system, queries.Filters()) == 0
    assert db.engine().pool.checkedout() == 0  # type: ignore[attr-defined]
