"""Real servers on loopback: HTTP, bare TCP, DNS, TLS with certificates of any kind."""

import asyncio
import datetime as dt
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Loop:
    """An event loop in a thread, for servers that a test starts and stops."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


@dataclass
class Page:
    status: int = 200
    body: bytes = b"all is well"
    delay_s: float = 0.0
    location: str | None = None


class Website:
    """Answers each path with its page; stops and starts again on the same port."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Page] = {}
        self.requests: list[str] = []
        self._context = context
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.start()

    def start(self) -> None:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.requests.append(self.path)
                page = site.pages.get(self.path, Page())
                threading.Event().wait(page.delay_s)
                self.send_response(page.status)
                if page.location:
                    self.send_header("Location", page.location)
                self.send_header("Content-Length", str(len(page.body)))
                self.end_headers()
                self.wfile.write(page.body)

            def log_message(self, *_: object) -> None:
                """Nothing is told."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                """A client that went away is no news."""

        self._server = Server(("127.0.0.1", self.port), Handler)
        if self._context is not None:
            self._server.socket = self._context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self._context else 'http'}://{host}:{self.port}{path}"


@contextmanager
def website(context: ssl.SSLContext | None = None) -> Iterator[Website]:
    site = Website(context)
    try:
        yield site
    finally:
        site.stop()


@contextmanager
def name_server(records: dict[tuple[str, str], list[str]], rcode: int = 0) -> Iterator[int]:
    """A DNS server of these records, by name and type; its port."""

    class Responder(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport: Any = transport

        def datagram_received(self, data: bytes, address: Any) -> None:
            asked = dns.message.from_wire(data)
            answer = dns.message.make_response(asked)
            question = asked.question[0]
            name, kind = question.name.to_text(True), dns.rdatatype.to_text(question.rdtype)
            known = [one for one, _ in records]
            answer.set_rcode(rcode or (0 if name in known else dns.rcode.NXDOMAIN))
            if (name, kind) in records:
                answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *records[name, kind]))
            self.transport.sendto(answer.to_wire(), address)

    running = Loop()
    transport, _ = running.run(running.loop.create_datagram_endpoint(Responder, local_addr=("127.0.0.1", 0)))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        running.loop.call_soon_threadsafe(transport.close)
        running.stop()


class Authority:
    """A certificate authority that is trusted by `trusting()` and by nobody else."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.certificate = self._sign(self._name, self._key.public_key(), days=3_650, is_authority=True)

    def _sign(self, name: x509.Name, key: Any, *, days: float, is_authority: bool = False) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
        made = (
            x509.CertificateBuilder().subject_name(name).issuer_name(self._name).public_key(key)
            .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=60))
            .not_valid_after(now + dt.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(names, critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )  # fmt: skip
        return made.sign(self._key, hashes.SHA256())

    def server(self, *, days: float) -> ssl.SSLContext:
        """For a server whose certificate is good for so many days more (negative: expired so many days ago)."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        certificate = self._sign(name, key.public_key(), days=days)
        path = self._folder / f"server-{days}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def trusting(self) -> ssl.SSLContext:
        """For a client that trusts this authority alone."""
        text = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        return ssl.create_default_context(cadata=text)


@contextmanager
def listener(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]],
) -> Iterator[int]:
    """A bare TCP server; its port."""
    running = Loop()
    server = running.run(asyncio.start_server(answer, "127.0.0.1", 0))
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        running.loop.call_soon_threadsafe(server.close)
        running.stop()
