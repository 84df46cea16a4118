"""Server-side request forgery: every way in that is known is closed, at saving as at calling."""

import asyncio
import socket
from ipaddress import ip_address

import pytest

from core.kernel import outbound
from core.kernel.errors import Invalid
from core.kernel.outbound import Outbound, PinnedResolver, Refused, is_allowed, require_callable
from core.kernel.settings import settings


@pytest.fixture
def allow(monkeypatch):
    def listed(text: str) -> None:
        monkeypatch.setenv("OUTBOUND_ALLOW", text)
        settings.cache_clear()

    return listed


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "100.100.100.200", "192.0.0.192", "168.63.129.16", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::",
     "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
     "2002:7f00:1::", "2001:db8::1", "2001::1", "192.0.2.1", "203.0.113.5"],
)  # fmt: skip
def test_addresses_that_are_nobodys_or_our_own_are_refused(address):
    assert not is_allowed(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_allowed_but_not_for_plain_http(address):
    assert is_allowed(ip_address(address))
    assert not is_allowed(ip_address(address), listed_only=True)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f.0.0.1/", "https://[::1]/",
     "https://[::ffff:127.0.0.1]/", "https://localhost/", "https://localhost:5432/", "https://0/", "https://169.254.169.254/latest",
     "https://017700000001/", "https://127.0.0.1.:443/"],
)  # fmt: skip
def test_every_spelling_of_an_inner_address_is_refused(url):
    with pytest.raises(Invalid) as caught:
        require_callable(url)
    assert "url" in caught.value.fields


@pytest.mark.parametrize(
    ("url", "told"),
    [("", "Write a URL"), ("example.com/hook", "must begin with https://"), ("ftp://example.com/", "must begin with https://"),
     ("file:///etc/passwd", "must begin with"), ("https://user:pw@example.com/", "must not carry a user name"),
     ("https://user@example.com/", "must not carry"), ("https://exa mple.com/", "without spaces"), ("https:///x", "name a host"),
     ("https://example.com:99999/", "not a URL"), ("https://" + "a" * 2_000, "at most 2,000"),
     ("javascript:alert(1)", "must begin"),
     ("https://no-such-host.invalid/", "cannot be found"), ("https://exa\r\nmple.com/", "without spaces")],
)  # fmt: skip
def test_urls_that_are_none_get_a_sentence(url, told):
    with pytest.raises(Invalid, match=told):
        require_callable(url)


def test_listed_networks_may_be_called_also_by_plain_http(allow):
    allow("127.0.0.0/8, ::1")
    assert str(require_callable("http://127.0.0.1:9/x#part")) == "http://127.0.0.1:9/x"
    assert require_callable("http://[::1]:9/").port == 9
    with pytest.raises(Invalid):
        require_callable("http://10.0.0.1/")


def test_a_name_with_one_inner_address_among_public_ones_is_refused(monkeypatch):
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("93.184.216.34", "10.0.0.5")]
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(Invalid, match=r"10\.0\.0\.5 is private or reserved"):
        require_callable("https://two-faced.example/")


def test_the_address_that_was_checked_is_the_one_that_is_called(monkeypatch):
    """A name server that answers something else the second time is asked only once."""
    answers = iter(["93.184.216.34", "127.0.0.1"])

    async def run() -> list[str]:
        loop = asyncio.get_running_loop()

        async def resolve(host, port, **_):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

        monkeypatch.setattr(loop, "getaddrinfo", resolve)
        first = await PinnedResolver(listed_only=False).resolve("rebinding.example", 443)
        with pytest.raises(Refused):
            await PinnedResolver(listed_only=False).resolve("rebinding.example", 443)
        return [str(one["host"]) for one in first]

    assert asyncio.run(run()) == ["93.184.216.34"]


def test_session_refuses_an_inner_address_in_the_url_itself():
    async def run() -> None:
        made = Outbound()
        try:
            with pytest.raises(Refused):
                made.session_for(outbound.parse_url("https://127.0.0.1/"))
        finally:
            await made.close()

    asyncio.run(run())
