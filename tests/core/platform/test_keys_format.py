"""The form of an API key: what a scanner and the door read from it without a database."""

import re
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.kernel.settings import Settings
from core.platform.keys import format

SECRETS = st.binary(min_size=32, max_size=32)
PREFIXES = st.from_regex(r"[a-z][a-z0-9]{1,15}", fullmatch=True)
MODES = st.sampled_from(format.MODES)
DOCUMENT = Path("docs/api-keys.md")


def number_of(text: str) -> int:
    total = 0
    for letter in text:
        total = total * 62 + format.ALPHABET.index(letter)
    return total


@given(PREFIXES, MODES, SECRETS)
def test_a_key_holds_its_secret_and_its_checksum(prefix, mode, secret):
    key = format.assemble(prefix, mode, secret)
    assert format.is_key(key)
    head, body = key[: len(prefix) + 6], key[len(prefix) + 6 :]
    assert head == f"{prefix}_{mode}_"
    assert len(body) == 49
    assert number_of(body[:43]) == int.from_bytes(secret, "big")
    assert number_of(body[43:]) == zlib.crc32(key[:-6].encode())


@given(SECRETS, SECRETS)
def test_two_secrets_are_two_keys(one, other):
    assert (format.assemble("iris", "live", one) == format.assemble("iris", "live", other)) is (one == other)


@given(SECRETS, st.integers(0, 58), st.sampled_from(format.ALPHABET))
def test_one_mistyped_character_is_no_key(secret, place, letter):
    key = format.assemble("iris", "live", secret)
    mistyped = key[:place] + letter + key[place + 1 :]
    assert format.is_key(mistyped) is (mistyped == key)


@given(st.text(max_size=80))
def test_any_other_text_is_no_key(text):
    assert not format.is_key(text)


@pytest.mark.parametrize("change", ["{}\n", " {}", "{}0", "x{}", "{}\x00"])
def test_a_key_is_taken_whole_or_not_at_all(change):
    assert not format.is_key(change.format(format.new_key("iris", "live")))


def test_keys_are_new_each_time():
    made = {format.new_key("iris", "test") for _ in range(200)}
    assert len(made) == 200
    assert all(key.startswith("iris_test_") for key in made)


@pytest.mark.parametrize("prefix", ["", "Iris", "i", "iris_", "9x", "a" * 17])
def test_a_prefix_that_no_scanner_could_find_is_refused(prefix, monkeypatch):
    monkeypatch.setenv("API_KEY_PREFIX", prefix or " ")
    with pytest.raises(ValidationError):
        Settings()


def test_the_document_for_scanners_says_what_the_code_does():
    text = DOCUMENT.read_text()
    vectors = re.findall(r"\| `([0-9a-f]{64})` \| `(\w+)` \| `(live|test)` \| `(\w+)` \|", text)
    assert len(vectors) >= 4
    for secret, prefix, mode, key in vectors:
        assert format.assemble(prefix, mode, bytes.fromhex(secret)) == key
    pattern = re.search(r"```regex\n(.+)\n```", text)
    assert pattern is not None
    found = re.findall(pattern[1], f"token={vectors[0][3]}; {vectors[1][3]}\n")
    assert [one if isinstance(one, str) else one[0] for one in found] == [vectors[0][3], vectors[1][3]]
    assert not re.search(pattern[1], f"x{vectors[0][3]}y")


def test_the_documented_checksum_program_agrees_with_the_code():
    program = re.search(r"```python\n(.+?)```", DOCUMENT.read_text(), re.DOTALL)
    assert program is not None
    names: dict = {}
    exec(compile(program[1], str(DOCUMENT), "exec"), names)
    key = format.new_key("iris", "live")
    assert names["is_key"](key)
    assert not names["is_key"](key[:-1] + ("0" if key[-1] != "0" else "1"))
