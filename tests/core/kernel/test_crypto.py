"""Secrets at rest and the keys that guard them."""

import base64

import pytest

from core.kernel import crypto
from core.kernel.errors import KeyProblem
from core.kernel.settings import settings

ONE = "one:" + base64.b64encode(bytes(32)).decode()
TWO = "two:" + base64.b64encode(bytes([7] * 32)).decode()


@pytest.fixture
def keyed(monkeypatch):
    def use(text: str | None) -> None:
        monkeypatch.delenv("ENCRYPTION_KEYS", raising=False)
        if text is not None:
            monkeypatch.setenv("ENCRYPTION_KEYS", text)
        settings.cache_clear()
        crypto.keys.cache_clear()

    yield use
    monkeypatch.undo()
    settings.cache_clear()
    crypto.keys.cache_clear()


def test_roundtrip_is_unreadable_at_rest_and_different_each_time(keyed):
    keyed(ONE)
    blobs = {crypto.encrypt("s3cret ✓", purpose="a.b") for _ in range(3)}
    assert len(blobs) == 3
    assert all(b"s3cret" not in blob for blob in blobs)
    assert {crypto.decrypt(blob, purpose="a.b") for blob in blobs} == {"s3cret ✓"}


def test_rotation_writes_with_the_first_key_and_reads_with_all(keyed):
    keyed(ONE)
    old = crypto.encrypt("x", purpose="p")
    keyed(f"{TWO},{ONE}")
    assert crypto.decrypt(old, purpose="p") == "x"
    assert crypto.key_id_of(crypto.encrypt("x", purpose="p")) == "two"


def test_secret_moved_to_another_place_is_refused(keyed):
    keyed(ONE)
    with pytest.raises(KeyProblem):
        crypto.decrypt(crypto.encrypt("x", purpose="webhook.secret"), purpose="operator.totp")


def test_changed_byte_is_refused(keyed):
    keyed(ONE)
    blob = bytearray(crypto.encrypt("x", purpose="p"))
    blob[-1] ^= 1
    with pytest.raises(KeyProblem, match="does not open"):
        crypto.decrypt(bytes(blob), purpose="p")


def test_missing_key_is_named(keyed):
    keyed(ONE)
    blob = crypto.encrypt("x", purpose="p")
    keyed(TWO)
    with pytest.raises(KeyProblem, match="'one'"):
        crypto.decrypt(blob, purpose="p")


@pytest.mark.parametrize("text", ["nokey", "a:!!!", "a:AAAA", ",", "a:" + "A" * 100])
def test_malformed_keys_are_refused_with_a_sentence(text):
    with pytest.raises(KeyProblem):
        crypto.parse_keys(text)


def test_no_key_is_made_behind_the_back(keyed):
    keyed(None)
    with pytest.raises(KeyProblem, match="No new key is made"):
        crypto.keys()
    assert not crypto.key_file().exists()


def test_key_file_is_private_and_a_public_one_refused(keyed):
    keyed(None)
    path = crypto.key_file()
    crypto.make_key_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(crypto.keys().by_id) == 1
    path.chmod(0o644)
    crypto.keys.cache_clear()
    with pytest.raises(KeyProblem, match="chmod 600"):
        crypto.keys()


def test_token_digest_is_compared_in_full():
    token = crypto.new_token()
    assert len(token) >= 43
    assert crypto.same(crypto.digest(token), crypto.digest(token))
    assert not crypto.same(crypto.digest(token), crypto.digest(token + "x"))
