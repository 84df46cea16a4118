"""What each kind of monitor needs, and how it is shown in one line."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from core.health.monitors.rules import between
from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid
from core.kernel.outbound import parse_url

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
RECORD_TYPES = ("A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT")
MAX_TEXT, MOST_ANSWERS = 500, 20
# RFC 1123, section 2.1, with the underscore that service records have.
_NAME = re.compile(r"(?=.{1,253}\.?$)(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE)

_DEFAULTS: dict[str, dict[str, Any]] = {
    "http": {
        "url": "", "method": "GET", "statuses": "200-299", "contains": None, "not_contains": None, "slow_ms": None,
        "follows_redirects": False, "verifies_certificate": True, "expires_days": 14,
    },
    "tcp": {"host": "", "port": None, "slow_ms": None},
    "dns": {"name": "", "record_type": "A", "expects": [], "server": None, "port": 53, "slow_ms": None},
    "tls": {"host": "", "port": 443, "server_name": None, "expires_days": 14, "slow_ms": None},
    "push": {"grace_s": 30},
}  # fmt: skip


def clean(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a kind, complete. Raises one Invalid that names every bad field; addresses are not looked at here."""
    unknown = [name for name in given if name not in _DEFAULTS[kind]]
    if unknown:
        sentence = f"A monitor of kind {kind} has no {unknown[0]}."
        raise Invalid(sentence, {unknown[0]: sentence})
    return cleaned(_DEFAULTS[kind] | dict(given), _CLEAN[kind])


def target_of(kind: str, settings: Mapping[str, Any]) -> str:
    """What is watched as one line: a URL, host:port, record type and name; empty for push."""
    if kind == "http":
        return str(settings["url"])
    if kind == "dns":
        return f"{settings['record_type']} {settings['name']}"
    return f"{_bracketed(settings['host'])}:{settings['port']}" if kind in ("tcp", "tls") else ""


def host_of(kind: str, settings: Mapping[str, Any]) -> str:
    """Whom a check asks, in lower case: what the limit per host counts. Empty for the system's name servers and push."""
    if kind == "http":
        return (parse_url(settings["url"]).host or "").lower()
    return str(settings.get("server" if kind == "dns" else "host") or "").lower()


def parse_statuses(text: str) -> tuple[tuple[int, int], ...]:
    """`200-299, 301` as ranges. Raises Invalid."""
    ranges = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        found = re.fullmatch(r"([1-5]\d\d)(?:-([1-5]\d\d))?", part)
        low, high = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if low > high:
            raise Invalid("Write HTTP statuses and ranges of them, such as 200-299, 301.")
        ranges.append((low, high))
    if not ranges:
        raise Invalid("Write at least one HTTP status, such as 200-299.")
    return tuple(ranges)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _clean_url(value: Any) -> str:
    return str(parse_url(str(value or "")))


def _clean_host(value: Any) -> str:
    host = str(value or "").strip().lower().strip("[]")
    try:
        return str(ip_address(host))
    except ValueError:
        if _NAME.fullmatch(host):
            return host
    raise Invalid("Write a host name or an IP address, such as db.example.com.")


def _clean_name(value: Any) -> str:
    name = str(value or "").strip().lower()
    if not _NAME.fullmatch(name):
        raise Invalid("Write a domain name, such as example.com.")
    return name.rstrip(".")


def _optional(clean_value: Any) -> Any:
    return lambda value: None if value in (None, "") else clean_value(value)


def _clean_text(value: Any) -> str:
    text = str(value)
    if len(text) > MAX_TEXT or "\x00" in text:
        raise Invalid(f"The text has at most {MAX_TEXT} characters.")
    return text


def _clean_statuses(value: Any) -> str:
    ranges = parse_statuses(str(value))
    return ", ".join(f"{low}-{high}" if high > low else str(low) for low, high in ranges)


def _clean_answers(values: Any) -> list[str]:
    chosen = list(dict.fromkeys(str(value).strip() for value in values or () if str(value).strip()))
    if len(chosen) > MOST_ANSWERS or any(len(one) > MAX_TEXT for one in chosen):
        raise Invalid(f"Write at most {MOST_ANSWERS} expected answers.")
    return chosen


def _one_of(name: str, values: tuple[str, ...]) -> Any:
    def choose(value: Any) -> str:
        chosen = str(value).strip().upper()
        if chosen not in values:
            raise Invalid(f"The {name} is one of: {', '.join(values)}.")
        return chosen

    return choose


_PORT = between("port", 1, 65_535)
_SLOW = _optional(between("latency limit in ms", 1, 60_000))
_DAYS = _optional(between("number of days before expiry", 0, 365))
_CLEAN: dict[str, dict[str, Any]] = {
    "http": {
        "url": _clean_url, "method": _one_of("method", METHODS), "statuses": _clean_statuses,
        "contains": _optional(_clean_text), "not_contains": _optional(_clean_text), "slow_ms": _SLOW,
        "follows_redirects": bool, "verifies_certificate": bool, "expires_days": _DAYS,
    },
    "tcp": {"host": _clean_host, "port": _PORT, "slow_ms": _SLOW},
    "dns": {
        "name": _clean_name, "record_type": _one_of("record type", RECORD_TYPES), "expects": _clean_answers,
        "server": _optional(_clean_host), "port": _PORT, "slow_ms": _SLOW,
    },
    "tls": {
        "host": _clean_host, "port": _PORT, "server_name": _optional(_clean_host), "expires_days": _DAYS, "slow_ms": _SLOW,
    },
    "push": {"grace_s": between("grace in seconds", 0, 86_400)},
}  # fmt: skip
