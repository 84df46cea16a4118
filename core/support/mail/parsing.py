"""A mail as it came over the wire, as what a ticket needs of it."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

from core.kernel.errors import Invalid
from core.support.mail import htmltext, quoting
from core.support.tickets.rules import storable

MAX_FILES = 20
LONGEST_ID, LONGEST_NAME = 250, 200
LONGEST_HTML = 3_000_000  # characters that are turned into text; of a longer one the whole is a file as well
_ID = re.compile(r"<\s*([^<>\s]{3,998})\s*>")
_ADDRESSED = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-forwarded-to", "resent-to")


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """Addresses in lower case; `references` are Message-IDs without brackets, the newest first; `text` has no history.

    `marks` are the headers that tell machines from people, in lower case.
    """

    mail_id: str
    sender_name: str
    sender: str
    subject: str
    text: str
    recipients: tuple[str, ...]
    references: tuple[str, ...]
    marks: dict[str, str]
    is_report: bool
    reported: tuple[str, ...] = ()
    files: tuple[File, ...] = field(default=(), repr=False)


def parse(raw: bytes) -> Mail:
    """Never refuses for what the text holds. Raises Invalid for bytes that are no mail at all."""
    try:
        message = message_from_bytes(raw)
        parts = list(_leaves(message))
    except RecursionError as error:
        raise Invalid("This mail has too many parts inside of each other to be read.") from error
    if not message.keys():
        raise Invalid("This is no mail: it has no headers. Send the whole message as it came (RFC 5322).")
    sender_name, sender = _sender(message)
    return Mail(
        mail_id=_mail_id(message, raw), sender_name=sender_name or sender, sender=sender,
        subject=" ".join(_header(message, "subject").split()), text=_text(parts),
        recipients=tuple(address for _, address in _addresses(message, _ADDRESSED)), references=_references(message),
        marks={name.lower(): _plain(value).lower() for name, value in message.items() if _is_mark(name)},
        is_report=message.get_content_type() == "multipart/report", reported=tuple(_reported(parts)),
        files=tuple(_files(parts)),
    )  # fmt: skip


def _is_mark(name: str) -> bool:
    return name.lower() in {
        "auto-submitted", "precedence", "x-autoreply", "x-autorespond", "x-auto-response", "return-path", "x-loop", "list-id",
        "x-quarterdeck-mail", "x-failed-recipients",
    }  # fmt: skip


def _leaves(message: Message, depth: int = 0) -> Iterator[Message]:
    """The parts that hold content; a mail inside of a mail is one part."""
    if depth > 50:
        raise RecursionError
    if message.is_multipart() and message.get_content_maintype() == "multipart":
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _leaves(part, depth + 1)
    else:
        yield message


def _plain(value: object) -> str:
    """A header as text, whatever is wrong with it."""
    try:
        told = str(make_header(decode_header(str(value))))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        told = str(value)
    return storable(told.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def _header(message: Message, name: str) -> str:
    value = message.get(name)
    return "" if value is None else _plain(value)


def _addresses(message: Message, names: tuple[str, ...]) -> list[tuple[str, str]]:
    values = [str(value) for name in names for value in message.get_all(name, [])]
    return [(_plain(title), storable(address).strip().lower()) for title, address in getaddresses(values) if address]


def _sender(message: Message) -> tuple[str, str]:
    found = _addresses(message, ("from",)) or _addresses(message, ("sender",))
    title, address = next(((title, one) for title, one in found if "@" in one), ("", ""))
    return " ".join(title.split())[:LONGEST_NAME], address[:320]


def _mail_id(message: Message, raw: bytes) -> str:
    """The Message-ID; for none, or a boundless one, a digest that the same mail has again."""
    found = _ID.search(str(message.get("message-id", "")))
    if found and len(found[1]) <= LONGEST_ID:
        return storable(found[1])
    return f"sha256:{hashlib.sha256(found[1].encode(errors='replace') if found else raw).hexdigest()}"


def _references(message: Message) -> tuple[str, ...]:
    told = " ".join(str(value) for name in ("references", "in-reply-to") for value in message.get_all(name, []))
    newest_first = [storable(one) for one in reversed(_ID.findall(told)) if len(one) <= LONGEST_ID]
    return tuple(dict.fromkeys(newest_first))[:50]


def _reported(parts: list[Message]) -> Iterator[str]:
    """Message-IDs of the mails that a delivery report is about: it carries them, or their headers."""
    for part in parts:
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            told = (
                str(inner[0].get("message-id", "")) if isinstance(inner, list) and isinstance(inner[0], Message) else ""
            )
        elif part.get_content_type() == "text/rfc822-headers":
            told = _decoded(part)
        else:
            continue
        yield from _ID.findall(told)


def _is_file(part: Message) -> bool:
    return (
        part.get_content_disposition() == "attachment"
        or part.get_content_maintype() not in ("text", "message")
        or part.get_content_type() == "message/rfc822"
        or (part.get_filename() is not None and part.get_content_type() not in ("text/plain", "text/html"))
        or part.get_content_type() not in ("text/plain", "text/html", "message/delivery-status", "text/rfc822-headers")
    )


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        text = content.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        text = content.decode("utf-8", "replace")
    return storable(text)


def _text(parts: list[Message]) -> str:
    """What was written, without history: the plain parts, or the HTML ones as text where no plain one says anything."""
    written = [part for part in parts if not _is_file(part)]
    plain = "\n\n".join(_decoded(part) for part in written if part.get_content_type() == "text/plain")
    if plain.strip():
        return quoting.without_history(plain)
    html = (
        htmltext.to_text(_decoded(part)[:LONGEST_HTML]) for part in written if part.get_content_type() == "text/html"
    )
    return quoting.without_history("\n\n".join(html))


def _is_long(part: Message) -> bool:
    return part.get_content_type() == "text/html" and len(part.get_payload()) > LONGEST_HTML


def _files(parts: list[Message]) -> Iterator[File]:
    for number, part in enumerate((part for part in parts if _is_file(part) or _is_long(part)), 1):
        content = _content(part)
        if content:
            yield File(_file_name(part, number), content)


def _content(part: Message) -> bytes:
    if part.is_multipart():
        inner = part.get_payload()
        return b"\n".join(bytes(one) for one in inner if isinstance(one, Message)) if isinstance(inner, list) else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _file_name(part: Message, number: int) -> str:
    given = _plain(part.get_filename() or "").strip()
    kind = "eml" if part.get_content_type() == "message/rfc822" else part.get_content_subtype()[:10]
    return given[:LONGEST_NAME] or f"file-{number}.{re.sub(r'[^a-z0-9]', '', kind.lower()) or 'bin'}"
