"""What one look finds, against real servers on loopback."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.health.monitors import settings as kinds
from core.health.monitors.addresses import may_ask, require_target
from core.health.monitors.probes import Finding, Network, probe
from core.health.monitors.watching import Watch
from core.kernel.errors import Invalid
from core.kernel.outbound import ip_address
from tests.core.health.monitors.servers import Authority, Page, listener, name_server, website


def look(
    kind: str, *, verified: ssl.SSLContext | None = None, private: bool = True, timeout_s: int = 2, **given
) -> Finding:
    clean = kinds.clean(kind, given)
    watch = Watch(uuid4(), 1, "M", kind, clean, 60, timeout_s, 0, 20, (), private, kinds.host_of(kind, clean))

    async def once() -> Finding:
        network = Network(verified=verified)
        try:
            return await probe(network, watch)
        finally:
            await network.close()

    return asyncio.run(once())


@pytest.fixture
def site():
    with website() as one:
        yield one


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_http_that_answers_as_expected_is_up_with_its_latency(site):
    found = look("http", url=site.url("/"))
    assert (found.state, found.detail, found.is_answered) == ("up", "answered 200", True)
    assert 0 < found.latency_ms < 2_000


def test_http_statuses_are_those_of_the_monitor(site):
    site.pages["/gone"] = Page(404)
    assert look("http", url=site.url("/gone")).state == "down"
    assert look("http", url=site.url("/gone"), statuses="404").state == "up"
    assert look("http", url=site.url("/"), statuses="404").detail == "answered 200, not 404"


def test_http_looks_for_text_that_must_and_must_not_be_there(site):
    site.pages["/"] = Page(body=("x" * 300_000 + "grün").encode())
    assert look("http", url=site.url("/"), contains="grün").state == "up"
    assert look("http", url=site.url("/"), contains="red").state == "down"
    assert look("http", url=site.url("/"), not_contains="grün").state == "down"


def test_http_that_takes_longer_than_the_limit_is_degraded(site):
    site.pages["/slow"] = Page(delay_s=0.2)
    found = look("http", url=site.url("/slow"), slow_ms=100)
    assert found.state == "degraded" and "more than 100 ms" in found.detail
    assert look("http", url=site.url("/slow"), slow_ms=5_000).state == "up"


def test_http_without_an_answer_in_time_is_down_and_nobody_answered(site):
    site.pages["/hang"] = Page(delay_s=3)
    found = look("http", url=site.url("/hang"), timeout_s=1)
    assert (found.state, found.detail, found.is_answered) == ("down", "no answer within 1 s", False)
    assert found.latency_ms is None


def test_a_refused_connection_is_an_answer(site):
    found = look("http", url=f"http://127.0.0.1:{closed_port()}/")
    assert (found.state, found.detail, found.is_answered) == ("down", "the connection was refused", True)


def test_redirects_are_followed_when_asked_for_and_checked_at_every_step(site):
    site.pages["/old"] = Page(302, location=site.url("/new"))
    site.pages["/loop"] = Page(302, location="/loop")
    site.pages["/metadata"] = Page(302, location="http://169.254.169.254/latest")
    assert look("http", url=site.url("/old")).detail == "answered 302, not 200-299"
    assert look("http", url=site.url("/old"), follows_redirects=True).state == "up"
    assert "redirects" in look("http", url=site.url("/loop"), follows_redirects=True).detail
    assert "not asked" in look("http", url=site.url("/metadata"), follows_redirects=True).detail


def test_what_a_server_writes_into_its_answer_can_be_stored():
    async def confuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://\xff\xfe[/\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    with listener(confuse) as port:
        found = look("http", url=f"http://127.0.0.1:{port}/", follows_redirects=True)
    assert found.state == "down" and found.detail
    found.detail.encode()


def test_private_addresses_are_not_asked_without_the_right(site):
    refused = look("http", url=site.url("/"), private=False)
    named = look("http", url=site.url("/", host="localhost"), private=False)
    assert {refused.state, named.state} == {"down"}
    assert "private or reserved" in refused.detail and "private or reserved" in named.detail
    assert "private" in look("tcp", host="127.0.0.1", port=site.port, private=False).detail
    assert "private" in look("tls", host="localhost", port=site.port, private=False).detail
    assert site.requests == []


@pytest.mark.parametrize(
    ("address", "public", "private"),
    [
        ("93.184.216.34", True, True), ("10.1.2.3", False, True), ("127.0.0.1", False, True), ("::1", False, True),
        ("fd12::1", False, True), ("::ffff:10.0.0.1", False, False), ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False), ("fd00:ec2::254", False, False), ("100.100.100.200", False, False),
        ("168.63.129.16", False, False), ("0.0.0.0", False, False), ("224.0.0.1", False, False), ("fe80::1", False, False),
    ],
)  # fmt: skip
def test_which_addresses_may_be_asked(address, public, private):
    assert may_ask(ip_address(address), allows_private=False) is public
    assert may_ask(ip_address(address), allows_private=True) is private


def test_saving_and_checking_refuse_the_same(site):
    clean = kinds.clean("http", {"url": site.url("/", host="localhost")})
    with pytest.raises(Invalid) as refused:
        require_target("http", clean, allows_private=False)
    assert list(refused.value.fields) == ["url"]
    require_target("http", clean, allows_private=True)
    metadata = kinds.clean("tcp", {"host": "169.254.169.254", "port": 80})
    with pytest.raises(Invalid):
        require_target("tcp", metadata, allows_private=True)


def test_tcp_connects_or_is_refused(site):
    assert look("tcp", host="localhost", port=site.port).state == "up"
    assert look("tcp", host="127.0.0.1", port=closed_port()).detail == "the connection was refused"


def test_a_name_that_does_not_exist_is_down():
    found = look("tcp", host="no-such-host.invalid", port=80)
    assert found.state == "down" and "the name is not found" in found.detail


RECORDS = {
    ("example.test", "A"): ["192.0.2.7", "192.0.2.8"], ("example.test", "TXT"): ['"v=spf1 -all"'],
    ("example.test", "MX"): ["10 mail.example.test."],
}  # fmt: skip


def test_dns_compares_what_is_answered_with_what_is_expected():
    with name_server(RECORDS) as port:
        at = {"server": "127.0.0.1", "port": port}
        assert look("dns", name="example.test", **at).detail == "answered 192.0.2.7, 192.0.2.8"
        assert look("dns", name="example.test", expects=["192.0.2.8"], **at).state == "up"
        wrong = look("dns", name="example.test", expects=["192.0.2.9"], **at)
        assert wrong.state == "down" and "not 192.0.2.9" in wrong.detail
        assert look("dns", name="example.test", record_type="TXT", expects=["v=spf1 -all"], **at).state == "up"
        assert look("dns", name="example.test", record_type="MX", expects=["10 Mail.Example.test"], **at).state == "up"
        assert "NXDOMAIN" in look("dns", name="other.test", **at).detail
        assert "no AAAA record" in look("dns", name="example.test", record_type="AAAA", **at).detail


def test_dns_that_fails_or_is_silent_is_down():
    with name_server(RECORDS, rcode=2) as port:
        assert "SERVFAIL" in look("dns", name="example.test", server="127.0.0.1", port=port).detail
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        silent = look("dns", name="example.test", server="127.0.0.1", port=mute.getsockname()[1], timeout_s=1)
    assert (silent.state, silent.is_answered) == ("down", False)


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def near(moment: datetime, days: float) -> bool:
    return abs(moment - datetime.now(UTC) - timedelta(days=days)) < timedelta(minutes=1)


def test_tls_that_is_trusted_and_fresh_is_up_with_its_expiry(authority):
    with website(authority.server(days=90)) as site:
        found = look("tls", host="localhost", port=site.port, verified=authority.trusting())
    assert found.state == "up" and near(found.certificate_expires_at, 90)


def test_tls_that_expires_soon_is_degraded(authority):
    with website(authority.server(days=5)) as site:
        asked = {"host": "localhost", "port": site.port, "verified": authority.trusting()}
        assert look("tls", **asked).state == "degraded"
        assert look("tls", **asked, expires_days=3).state == "up"


def test_tls_that_is_not_trusted_is_down_and_its_expiry_is_known_all_the_same(authority):
    with website(authority.server(days=90)) as site:
        found = look("tls", host="localhost", port=site.port)
    assert found.state == "down" and "not trusted" in found.detail and near(found.certificate_expires_at, 90)


def test_tls_that_expired_is_down_and_says_when(authority):
    with website(authority.server(days=-2)) as site:
        found = look("tls", host="localhost", port=site.port, verified=authority.trusting())
    assert found.state == "down" and "expired on" in found.detail and near(found.certificate_expires_at, -2)


def test_tls_of_another_name_is_down(authority):
    with website(authority.server(days=90)) as site:
        found = look("tls", host="127.0.0.1", port=site.port, server_name="other.test", verified=authority.trusting())
    assert found.state == "down" and "not trusted" in found.detail


def test_a_server_that_speaks_no_tls_is_down():
    async def grumble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail ready\r\n")
        await writer.drain()
        writer.close()

    with listener(grumble) as port:
        assert look("tls", host="127.0.0.1", port=port).detail.startswith("TLS: ")
        assert look("http", url=f"http://127.0.0.1:{port}/").state == "down"


def test_https_knows_when_its_certificate_expires(authority):
    with website(authority.server(days=5)) as site:
        found = look("http", url=site.url("/", host="localhost"), verified=authority.trusting())
        assert found.state == "degraded" and near(found.certificate_expires_at, 5)
        untrusted = look("http", url=site.url("/", host="localhost"))
        assert untrusted.state == "down" and untrusted.detail.startswith("TLS: ")
        lenient = look("http", url=site.url("/", host="localhost"), verifies_certificate=False, expires_days=1)
        assert lenient.state == "up" and near(lenient.certificate_expires_at, 5)
