"""How a tenant proves that a domain is its own: a TXT record with a token. Pure, but for the token's random bits."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from core.customers.tenants.rules import clean_domain
from core.kernel.errors import Invalid

State = Literal["pending", "verified", "failed", "lost"]
Kind = Literal["found", "absent", "wrong", "unreachable"]
STATES: tuple[State, ...] = ("pending", "verified", "failed", "lost")
FINDINGS: tuple[Kind, ...] = ("found", "absent", "wrong", "unreachable")
LABEL = "_quarterdeck-challenge"
PREFIX = "quarterdeck-domain-verification="
MOST_DOMAINS = 5
# A new record may take two days to be seen everywhere; the third is for the person who has to make it.
PATIENCE = timedelta(days=3)
SOON, DAILY, GIVE_UP = timedelta(minutes=15), timedelta(days=1), timedelta(days=30)
# Names that are nobody's on the internet: RFC 6761, RFC 6762 (local), RFC 7686 (onion), RFC 9476 (alt), ICANN (internal).
_NOBODYS = frozenset(("localhost", "local", "invalid", "onion", "alt", "internal", "arpa"))


@dataclass(frozen=True, slots=True)
class Finding:
    """What the name servers said: `found` is the token, `wrong` another text, `unreachable` says nothing of the record."""

    kind: Kind
    told: str


def clean(text: str) -> str:
    """The domain in ASCII, fit to be verified. Raises Invalid."""
    domain = clean_domain(text)
    last = domain.rpartition(".")[2]
    if last.isdigit() or last in _NOBODYS:
        raise _bad(f"{domain} is not a domain that anybody can own on the internet. Write it like app.example.com.")
    if domain.startswith("_") or len(record_name(domain)) > 253:
        raise _bad("This domain is too long: the record's name would have more than 253 characters.")
    return domain


def _bad(sentence: str) -> Invalid:
    return Invalid(sentence, {"domain": sentence})


def new_token() -> str:
    """160 random bits in hexadecimal: people copy it by hand too, and DNS panels change the case of letters."""
    return secrets.token_hex(20)


def record_name(domain: str) -> str:
    return f"{LABEL}.{domain}"


def record_value(token: str) -> str:
    return f"{PREFIX}{token}"


def next_state(state: str, finding: Finding, *, age: timedelta) -> State:
    """What a finding makes of a domain that was added that long ago.

    Silence of the name servers changes nothing. A domain that was verified is lost when its record is gone or another;
    one that never was fails when the record is another, or is still missing after PATIENCE.
    """
    known: State = next(one for one in STATES if one == state)
    if finding.kind == "found":
        return "verified"
    if finding.kind == "unreachable" or known == "failed":
        return known
    if known in ("verified", "lost"):
        return "lost"
    return "failed" if finding.kind == "wrong" or age >= PATIENCE else "pending"


def next_check(state: str, *, now: datetime, age: timedelta) -> datetime | None:
    """When to ask again: soon while it is new, else daily; a domain that was not verified in GIVE_UP only when told to."""
    if state == "verified":
        return now + DAILY
    if age >= GIVE_UP and state != "lost":
        return None
    return now + (SOON if state == "pending" and age < DAILY else DAILY)
