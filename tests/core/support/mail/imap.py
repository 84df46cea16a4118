"""A real IMAP server on loopback: pymap in a process of its own, with its mailbox in memory."""

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER, PASSWORD = "demouser", "demopass"


class Mailbox:
    """What a mail server puts into it, and what the flags of its mails are."""

    def __init__(self, port: int) -> None:
        self.url = f"imap://{USER}:{PASSWORD}@127.0.0.1:{port}/INBOX"
        self.port = port

    @contextmanager
    def opened(self) -> Iterator[imaplib.IMAP4]:
        box = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        box.login(USER, PASSWORD)
        box.select("INBOX")
        yield box
        box.logout()

    def deliver(self, *mails: bytes) -> None:
        with self.opened() as box:
            for mail in mails:
                assert box.append("INBOX", None, None, mail)[0] == "OK"

    def flags(self) -> list[set[str]]:
        """Of each mail, the oldest first."""
        with self.opened() as box:
            _, found = box.fetch("1:*", "(FLAGS)")
            return [{flag.decode() for flag in imaplib.ParseFlags(one)} - {"\\Recent"} for one in found if one]


@contextmanager
def running() -> Iterator[Mailbox]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = str(Path(sys.executable).parent / "pymap")
    command = [server, "--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict", "--demo-data"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            _wait_for(port, process)
            mailbox = Mailbox(port)
            _empty(mailbox)
            yield mailbox
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("The IMAP server does not start.")


def _empty(mailbox: Mailbox) -> None:
    """Removes the server's examples."""
    with mailbox.opened() as box:
        box.store("1:*", "+FLAGS", "(\\Deleted)")
        box.expunge()
