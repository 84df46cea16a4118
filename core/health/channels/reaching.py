"""What a channel's URL reaches: its kind, and what of it may be shown. The host is checked as a webhook's is."""

import socket
from dataclasses import dataclass
from typing import Any

from core.health.channels.kinds import KINDS, MAIL, kind_of
from core.health.channels.mailing import addresses_of
from core.kernel.errors import Invalid
from core.kernel.outbound import Refused, require_allowed
from core.kernel.settings import settings


@dataclass(frozen=True, slots=True)
class Reach:
    """A URL that was checked."""

    kind: str
    url: str
    target: str


def reach(url: str) -> Reach:
    """Raises Invalid with a sentence that says why the URL cannot be a channel's."""
    given, kind = url.strip(), kind_of(url)
    if kind == MAIL:
        return Reach(kind, given, _mail_target(given))
    from core.health.channels.apprising import plugin_of  # noqa: PLC0415  (Apprise takes its time to load)

    plugin: Any = plugin_of(given)
    if plugin is None:
        raise _invalid(f"{KINDS[kind].title} does not take this URL. Write it like {KINDS[kind].form}")
    if not KINDS[kind].names_host:
        return Reach(kind, given, "")
    host = str(getattr(plugin, "smtp_host", None) or plugin.host or "")
    _require_callable(host, plugin.port, listed_only=KINDS[kind].is_plain)
    return Reach(kind, given, host)


def _mail_target(url: str) -> str:
    if settings().smtp_url is None:
        raise _invalid("The portal has no mail server. Set SMTP_URL, or use mailtos:// with a server of its own.")
    addresses = addresses_of(url)
    more = f" and {len(addresses) - 1} more" if len(addresses) > 1 else ""
    return f"{addresses[0]}{more}"


def _require_callable(host: str, port: int | None, *, listed_only: bool) -> None:
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
        require_allowed(found, listed_only=listed_only)
    except Refused as error:
        raise _invalid(
            f"This host cannot be called: {error}. Use TLS and a public address, or ask the platform team to allow-list it."
        ) from error
    except (OSError, UnicodeError) as error:
        raise _invalid(f"The host {host} cannot be found ({error}). Check the spelling.") from error


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, {"url": sentence})
