"""Signatures, against the official library, its published vector and what goes wrong in real life."""

import base64
import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook as Official
from standardwebhooks.webhooks import WebhookVerificationError

from core.kernel.errors import Invalid
from core.platform.webhooks import signatures
from core.platform.webhooks.diagnosis import diagnose, parse_headers

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BODY = b'{"type":"tenants.suspend","data":{"name":"\xc3\x84rger & S\xc3\xb6hne"}}'
# Published with the reference implementations of Standard Webhooks (MIT): their test_sign_function.
VECTOR = {
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "timestamp": 1614265330,
    "body": b'{"test": 2432232314}',
    "signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def signed(secrets: list[str], body: bytes = BODY, at: datetime | None = None) -> dict[str, str]:
    return signatures.headers_of(
        message_id="msg_1", at=at or datetime.now(UTC), body=body, secrets=secrets, event_type="tenants.suspend",
        with_iris=True,
    )  # fmt: skip


def test_published_vector():
    assert signatures.sign(VECTOR["secret"], VECTOR["id"], VECTOR["timestamp"], VECTOR["body"]) == VECTOR["signature"]


@given(st.binary(min_size=24, max_size=64), st.text())
def test_official_library_verifies_what_we_sign_and_we_what_it_signs(key, text):
    secret, body, at = "whsec_" + base64.b64encode(key).decode(), text.encode("utf-8", "replace"), datetime.now(UTC)
    official = Official(secret)
    assert official.sign("msg_1", at, body.decode()) == signatures.sign(secret, "msg_1", int(at.timestamp()), body)


def test_official_library_accepts_a_message_during_rotation_with_either_secret():
    old, new = signatures.new_secret("v1"), signatures.new_secret("v1")
    headers = signed([new, old])
    assert Official(new).verify(BODY, headers) == Official(old).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Official(signatures.new_secret("v1")).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Official(new).verify(BODY + b" ", headers)


def test_v1a_is_ed25519_over_the_same_content_and_the_public_key_is_enough():
    secret = signatures.new_secret("v1a")
    public = signatures.public_key(secret)
    headers = signed([secret])
    scheme, _, encoded = headers["webhook-signature"].partition(",")
    content = b"msg_1." + headers["webhook-timestamp"].encode() + b"." + BODY
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
    key.verify(base64.b64decode(encoded), content)
    assert scheme == "v1a"
    assert signatures.fits(public, headers["webhook-signature"], "msg_1", headers["webhook-timestamp"], BODY)
    assert not signatures.fits(public, headers["webhook-signature"], "msg_2", headers["webhook-timestamp"], BODY)


def test_iris_signature_is_the_hexadecimal_digest_of_the_body_keyed_with_the_secrets_text():
    import hashlib
    import hmac

    secret = signatures.new_secret("v1")
    assert signed([secret])["x-iris-signature"] == hmac.new(secret.encode(), BODY, hashlib.sha256).hexdigest()
    assert signed([secret])["x-iris-event"] == "tenants.suspend"


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "begin with whsec_"),
        ("whsec_not base64!", "not base64"),
        ("whsec_" + base64.b64encode(b"x" * 23).decode(), "23 bytes"),
        ("whsec_" + base64.b64encode(b"x" * 65).decode(), "65 bytes"),
        ("whsk_" + base64.b64encode(b"x" * 31).decode(), "32 bytes"),
    ],
)
def test_bad_secrets_are_refused_with_what_is_wrong(secret, told):
    with pytest.raises(Invalid, match=told):
        signatures.key_bytes(secret)


def test_secret_of_the_other_scheme_is_refused():
    with pytest.raises(Invalid, match="begins with whsk_"):
        signatures.check_secret(signatures.new_secret("v1"), "v1a")


@given(st.integers(24, 64))
def test_every_length_of_the_standard_is_taken(length):
    secret = "whsec_" + base64.b64encode(os.urandom(length)).decode()
    assert signatures.check_secret(f" {secret} ", "v1") == secret


def sentences(secret: str, headers: dict[str, str], body: str, now: datetime = NOW) -> str:
    return " | ".join(f"{one.is_fine} {one.sentence}" for one in diagnose(secret, headers, body, now=now))


def test_diagnosis_of_a_genuine_message_ends_well():
    secret = signatures.new_secret("v1")
    pasted = "POST /hook HTTP/1.1\n" + "\n".join(f"{k.title()}: {v}" for k, v in signed([secret], at=NOW).items())
    found = diagnose(secret, parse_headers(pasted), BODY.decode(), now=NOW + timedelta(minutes=4))
    assert [one.is_fine for one in found] == [True, True]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda h, b: (h, b.replace(",", ", ")), "written compactly"),
        (lambda h, b: (h, b + "\n"), "without white space around it"),
        (lambda h, b: ({**h, "webhook-id": "msg_2"}, b), "No signature of the header fits"),
        (lambda h, b: ({k: v for k, v in h.items() if k != "webhook-timestamp"}, b), "webhook-timestamp is missing"),
        (lambda h, b: ({**h, "webhook-timestamp": "yesterday"}, b), "not a number of seconds"),
        (lambda h, b: ({**h, "webhook-id": "MSG_1"}, b), "fits the id in lower case"),
        (lambda h, b: ({**h, "webhook-signature": "v1a,AAAA"}, b), "no v1 entry"),
    ],
)
def test_diagnosis_names_the_usual_mistakes(change, told):
    secret = signatures.new_secret("v1")
    headers, body = change(signed([secret], at=NOW), BODY.decode())
    assert told in sentences(secret, headers, body)


def test_diagnosis_of_an_old_message_says_how_old():
    secret = signatures.new_secret("v1")
    headers = signed([secret], at=NOW)
    assert "False The message is 600 s old" in sentences(secret, headers, BODY.decode(), NOW + timedelta(minutes=10))
    assert "in the future" in sentences(secret, headers, BODY.decode(), NOW - timedelta(minutes=10))
    assert "not base64" in sentences("whsec_%%", headers, BODY.decode())
