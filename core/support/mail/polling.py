"""Fetches new mails from the mailbox of INBOUND_IMAP_URL. A mail is marked as seen once it was taken, and never deleted."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from core.kernel.errors import ExpectedError, Invalid, Unavailable
from core.kernel.logs import get_logger
from core.support.tickets import receiving

TIMEOUT_S = 30
AT_ONCE = 100  # mails of one look; the next one goes on
# A file of 50 MB is 70 MB in base64: such a mail is still fetched whole. Of a larger one the beginning, with its text.
LARGEST, BEGINNING = 80 * 1024**2, 2 * 1024**2
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
log = get_logger()


def poll(url: str) -> int:
    """Takes the mails that nobody has seen yet; returns how many. Raises Unavailable when the server does not answer."""
    taken = 0
    try:
        with _mailbox(url) as box:
            for uid in _unseen(box)[:AT_ONCE]:
                _take(box, uid)
                taken += 1
    except (OSError, imaplib.IMAP4.error) as error:
        host = urlsplit(url).hostname
        raise Unavailable(f"The mailbox at {host} does not answer as it should: {error}") from error
    return taken


@contextmanager
def _mailbox(url: str) -> Iterator[imaplib.IMAP4]:
    """The folder of the URL, opened: imaps://, imap+starttls:// or imap://user:password@host:port/FOLDER."""
    parts = urlsplit(url)
    host, folder = parts.hostname or "localhost", unquote(parts.path.strip("/")) or "INBOX"
    box = _connected(parts.scheme, host, parts.port)
    try:
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        state, told = box.select('"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"')
        if state != "OK":
            raise imaplib.IMAP4.error(f"there is no folder {folder} ({told!r})")
        yield box
    finally:
        _leave(box)


def _connected(scheme: str, host: str, port: int | None) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    if scheme == "imaps":
        return imaplib.IMAP4_SSL(host, port or 993, ssl_context=context, timeout=TIMEOUT_S)
    box = imaplib.IMAP4(host, port or 143, timeout=TIMEOUT_S)
    if scheme == "imap+starttls":
        box.starttls(context)
    return box


def _leave(box: imaplib.IMAP4) -> None:
    try:
        box.logout()
    except (OSError, imaplib.IMAP4.error) as error:
        log.info("mailbox was left without a farewell", error=str(error))


def _unseen(box: imaplib.IMAP4) -> list[str]:
    state, found = box.uid("SEARCH", "UNSEEN")
    if state != "OK":
        raise imaplib.IMAP4.error(f"the search was refused ({found!r})")
    return found[0].decode().split() if found and found[0] else []


def _take(box: imaplib.IMAP4, uid: str) -> None:
    """One mail. What cannot be read is kept as such and flagged, so that it does not hold up the others."""
    raw, is_cut = _fetched(box, uid)
    flags = "(\\Seen)"
    try:
        receiving.receive(raw, via="imap", is_cut=is_cut)
    except Invalid as error:
        flags = "(\\Seen \\Flagged)"
        log.warning("a mail could not be taken", uid=uid, error=str(error))
        receiving.keep_failure(raw, error, via="imap")
    except ExpectedError:
        raise  # the database's state and not the mail's: it is fetched again
    except Exception as error:
        flags = "(\\Seen \\Flagged)"
        log.exception("a mail could not be taken", uid=uid)
        receiving.keep_failure(raw, error, via="imap")
    box.uid("STORE", uid, "+FLAGS.SILENT", flags)


def _fetched(box: imaplib.IMAP4, uid: str) -> tuple[bytes, bool]:
    """The mail, and whether only its beginning. PEEK: it is seen once it was taken, and not before."""
    _, told = box.uid("FETCH", uid, "(RFC822.SIZE)")
    size = _SIZE.search(b" ".join(one if isinstance(one, bytes) else one[0] for one in told if one))
    is_cut = bool(size and int(size[1]) > LARGEST)
    wanted = f"(BODY.PEEK[]<0.{BEGINNING}>)" if is_cut else "(BODY.PEEK[])"
    state, parts = box.uid("FETCH", uid, wanted)
    found = next((part[1] for part in parts if isinstance(part, tuple)), None)
    if state != "OK" or not isinstance(found, bytes):
        raise imaplib.IMAP4.error(f"mail {uid} was not given ({state})")
    return found, is_cut
