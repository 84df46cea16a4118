"""Addresses of the kind `mail`: written after mail://, sent to by the portal's own mail server."""

import re
from urllib.parse import unquote

from core.kernel.errors import Invalid

MOST = 20
_ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,190}")


def addresses_of(url: str) -> list[str]:
    """The addresses, each once. Raises Invalid naming the one that is none."""
    listed = unquote(url.partition("://")[2]).replace(";", ",").strip("/").split(",")
    found = list(dict.fromkeys(one.strip() for one in listed if one.strip()))
    bad = next((one for one in found if not _ADDRESS.fullmatch(one)), None)
    if bad is not None:
        raise _invalid(f"“{bad[:60]}” is not an e-mail address.")
    if not 1 <= len(found) <= MOST:
        raise _invalid(f"Write 1 to {MOST} addresses, such as mail://ops@example.com,lead@example.com.")
    return found


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, {"url": sentence})
