"""The address that a customer replies to: it names the ticket by its number, signed with the portal's keys."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from email.utils import parseaddr

from core.kernel import crypto
from core.kernel.settings import settings

_PURPOSE = b"quarterdeck: reply address of a ticket"
SIGNATURE = 16  # characters of base32, so 80 bits
# Lower case alone, because mail servers on the way may change the case of a local part.
_TOKEN = re.compile(rf"\+(\d{{1,15}})\.([a-z2-7]{{{SIGNATURE}}})@", re.ASCII)


def own_address() -> str:
    """The address that mails come from, in lower case."""
    return parseaddr(settings().mail_from)[1].lower()


def domain() -> str:
    return own_address().rpartition("@")[2] or "localhost"


def _signature(number: int, key: bytes) -> str:
    of_purpose = hmac.digest(key, _PURPOSE, hashlib.sha256)
    signed = hmac.digest(of_purpose, str(number).encode(), hashlib.sha256)
    return base64.b32encode(signed).decode().lower()[:SIGNATURE]


def reply_to(number: int) -> str:
    """Such as `support+42.k3v…@example.com`."""
    keys = crypto.keys()
    local, _, host = own_address().rpartition("@")
    return f"{local or 'support'}+{number}.{_signature(number, keys.by_id[keys.active])}@{host}"


def number_in(recipients: Iterable[str]) -> int | None:
    """The number of the ticket that the first signed one of these addresses names; None where none does.

    Signatures by every key count, so that a customer can reply to a mail from before a rotation.
    """
    for address in recipients:
        token = _TOKEN.search(address.lower())
        if token and any(
            hmac.compare_digest(token[2], _signature(int(token[1]), key)) for key in crypto.keys().by_id.values()
        ):
            return int(token[1])
    return None
