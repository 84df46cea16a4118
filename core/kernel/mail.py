"""Outgoing mail over SMTP."""

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from core.kernel.errors import Unavailable
from core.kernel.settings import settings

TIMEOUT_S = 15


def connect(url: str, *, timeout_s: float = TIMEOUT_S) -> smtplib.SMTP:
    """A connection to smtp://, smtps:// (TLS from the start) or smtp+starttls://, signed in where the URL has a user."""
    parts = urlsplit(url)
    host, context = parts.hostname or "localhost", ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=timeout_s, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=timeout_s)
    if parts.scheme == "smtp+starttls":
        server.starttls(context=context)
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


def send(recipients: Sequence[str], subject: str, body: str, *, message_id: str | None = None) -> None:
    """Sends one plain-text mail to each recipient. Raises Unavailable, naming why, when the server does not take it."""
    chosen = settings()
    if chosen.smtp_url is None:
        raise Unavailable("No mail server is configured. Set SMTP_URL.")
    try:
        with connect(chosen.smtp_url.get_secret_value()) as server:
            for recipient in recipients:
                server.send_message(_message(chosen.mail_from, recipient, subject, body, message_id))
    except (OSError, smtplib.SMTPException) as error:
        raise Unavailable(f"The mail server did not take the message: {error}") from error


def _message(sender: str, recipient: str, subject: str, body: str, message_id: str | None) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, subject
    if message_id:
        message["Message-ID"] = f"<{message_id}>"
    message.set_content(body)
    return message
