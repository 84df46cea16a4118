"""Passwords and addresses of operators. Pure but for the random salt."""

import re
from zoneinfo import available_timezones

import bcrypt

from core.kernel.errors import Invalid

SHORTEST_PASSWORD = 12
# bcrypt reads 72 bytes and ignores the rest.
LONGEST_PASSWORD_BYTES = 72
COST = 12
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_NEVER = bcrypt.hashpw(b"nobody has this password", bcrypt.gensalt(COST))


def clean_email(text: str) -> str:
    """The address in lower case. Raises Invalid."""
    email = text.strip().lower()
    if not _ADDRESS.fullmatch(email) or len(email) > 254:
        raise Invalid(
            "This is not an e-mail address. Write it like ann@example.com.", {"email": "Write it like ann@example.com."}
        )
    return email


def clean_name(text: str) -> str:
    """The name without needless spaces. Raises Invalid."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= 120:
        raise Invalid("Give a name of 1 to 120 characters.", {"name": "Give a name of 1 to 120 characters."})
    return name


def clean_time_zone(text: str | None) -> str | None:
    """A zone of the IANA database, or None for the browser's. Raises Invalid."""
    if text and text not in available_timezones():
        raise Invalid(
            f"{text} is not a time zone. Write it like Europe/Berlin.", {"time_zone": "Write it like Europe/Berlin."}
        )
    return text or None


def clean_scope(text: str | None) -> str | None:
    """`all` or `assigned` tenants, or None for what the role sees. Raises Invalid."""
    if text and text not in ("all", "assigned"):
        raise Invalid(f"{text} is no scope. Choose all or assigned tenants.", {"scope": "Choose one of the list."})
    return text or None


def require_password(password: str, *, email: str) -> None:
    """Long enough, short enough for bcrypt, and not the address itself. Raises Invalid."""
    sentence = None
    if len(password) < SHORTEST_PASSWORD:
        sentence = f"Use at least {SHORTEST_PASSWORD} characters as password."
    elif len(password.encode()) > LONGEST_PASSWORD_BYTES:
        sentence = f"Use at most {LONGEST_PASSWORD_BYTES} bytes as password."
    elif email.partition("@")[0].lower() in password.lower() or len(set(password)) < 5:
        sentence = "Choose a password that is harder to guess: not your address, not one letter repeated."
    if sentence:
        raise Invalid(sentence, {"password": sentence})


def hash_password(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(COST)).decode()


def is_password(password: str, hashed: str | None) -> bool:
    """Whether the password fits. Without a hash (unknown operator) it costs the same time and is always False."""
    given = password.encode()
    fits = bcrypt.checkpw(given[:LONGEST_PASSWORD_BYTES], hashed.encode() if hashed else _NEVER)
    return fits and hashed is not None and len(given) <= LONGEST_PASSWORD_BYTES
