"""Maintenance mode, and the rotation of keys over every encrypted column."""

import base64
import sys

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from core.kernel import crypto
from core.kernel.crypto import EncryptedText
from core.kernel.errors import Denied, Invalid, Maintenance, NotFound, ReasonRequired
from core.kernel.keycheck import require_key
from core.kernel.settings import settings
from core.platform.config import __main__ as command_line
from core.platform.config import actions
from tests.core.customers.test_tenants import make

VAULT = Table(
    "vault", MetaData(), Column("id", Integer, primary_key=True), Column("secret", EncryptedText("vault.secret"))
)


def test_maintenance_begins_refuses_and_ends(db, actor_of, system):
    with pytest.raises(Denied):
        actions.start_maintenance(actor_of("admin"), message="x", reason="x")
    with pytest.raises(Invalid):
        actions.start_maintenance(system, message=" ", reason="x")
    with pytest.raises(ReasonRequired):
        actions.start_maintenance(system, message="Back at ten.", reason="")
    actions.start_maintenance(system, message="Back at ten.", reason="upgrade")
    with pytest.raises(Maintenance, match="Back at ten"):
        make(system)
    with pytest.raises(Invalid, match="begun already"):
        actions.start_maintenance(system, message="Again.", reason="x")
    actions.end_maintenance(system)
    assert make(system).version == 1
    with pytest.raises(NotFound):
        actions.end_maintenance(system)


def test_command_line_says_what_it_did_and_fails_with_a_sentence(db, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["config", "end-maintenance"])
    assert command_line.main() == 1
    assert "no maintenance to end" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["config", "start-maintenance", "Back soon.", "--reason", "test"])
    assert command_line.main() == 0


@pytest.fixture
def vault(db, raw, monkeypatch):
    """A table of secrets under the key `old`, of which more than a batch wait for the key `new`."""
    old, new = (f"{name}:{base64.b64encode(bytes([byte] * 32)).decode()}" for name, byte in (("old", 1), ("new", 2)))

    def use(keys: str) -> None:
        monkeypatch.setenv("ENCRYPTION_KEYS", keys)
        settings.cache_clear()
        crypto.keys.cache_clear()

    use(old)
    require_key()
    raw("CREATE TABLE vault (id integer PRIMARY KEY, secret bytea)")
    raw("GRANT SELECT, UPDATE ON vault TO quarterdeck_app")
    for number in range(5):
        sealed = crypto.encrypt(f"secret {number}", purpose="vault.secret") if number else None
        raw("INSERT INTO vault VALUES (:id, :secret)", id=number, secret=sealed)
    monkeypatch.setattr(actions, "BATCH", 3)
    monkeypatch.setattr(actions, "encrypted_columns", lambda: [(VAULT, VAULT.c.secret)])
    use(f"{new},{old}")
    yield raw
    monkeypatch.undo()
    settings.cache_clear()
    crypto.keys.cache_clear()


def test_rotation_encrypts_every_secret_anew_and_shows_none(vault, system):
    assert actions.rotate_keys(system) == 4
    blobs = {row.id: bytes(row.secret) if row.secret else None for row in vault("SELECT id, secret FROM vault")}
    assert {crypto.key_id_of(blob) for blob in blobs.values() if blob} == {"new"}
    assert crypto.decrypt(blobs[3], purpose="vault.secret") == "secret 3"
    assert actions.rotate_keys(system) == 0
    assert [row.key_id for row in vault("SELECT key_id FROM key_check")] == ["new"]
    told = str(vault("SELECT changes FROM audit_entry"))
    assert "secret 3" not in told
    assert "•••" in told
