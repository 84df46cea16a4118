"""What looks like a secret is refused, what only speaks of one is not, and nothing of it is repeated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.customers.infrastructure import rules, secrecy
from core.kernel.errors import Invalid

AWS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"  # from AWS's documentation


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://acme:hunter2@db-7.example/acme", "amqps://x:y@mq.example", "redis://:topsecret@cache:6379",
        "password=hunter2", "PWD: hunter2", "the password is hunter2", "Server=db;User Id=sa;Password=Abc123;",
        "secret: s3cr3t", '{"api_key": "0123abcd"}', "access key = 12345", f"key {AWS_KEY}", "-----BEGIN RSA PRIVATE KEY-----",
        "-----BEGIN OPENSSH PRIVATE KEY-----", "ghp_" + "a1B2" * 9,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0",
        "sk_live_51H8abcdefgh", "Use Xk9q2LmP7vR4tYw8ZbN3cD", "AccountKey=abc123==",
    ],
)  # fmt: skip
def test_secrets_are_refused_and_not_repeated(text):
    with pytest.raises(Invalid) as caught:
        rules.clean({"notes": text})
    assert "secret store" in str(caught.value)
    assert not any(word in str(caught.value) for word in ("hunter2", "topsecret", "Xk9q2", AWS_KEY))


@pytest.mark.parametrize(
    "text",
    [
        "Password is in the vault under acme/prod", "Rotated the password on 3 May", "secret: see 1Password entry acme-db",
        "https://wiki.example.com/Runbooks/Acme-Prod-2026/Database", "arn:aws:rds:eu-central-1:123456789012:db:acme-prod-7",
        "i-0abcd1234ef567890", "Restore took 14 min, 1,203,441 rows before and after", "OPS-1234, OPS-1299 and PLAT-77",
        "token bucket: 100 calls a minute", "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "projects/acme-prod-eu/instances/AcmeProduction01", "Contact ann@acme.example about 10.0.0.0/16", "",
    ],
)  # fmt: skip
def test_words_about_secrets_pass(text):
    assert secrecy.finding(text) is None


@given(st.text(max_size=400))
def test_any_text_is_answered(text):
    assert secrecy.finding(text) is None or isinstance(secrecy.finding(text), str)
