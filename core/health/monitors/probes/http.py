"""HTTP: status, text of the body, latency, and the certificate's expiry where there is one."""

import time
from dataclasses import dataclass

import yarl
from cryptography import x509

from core.health.monitors.probes.finding import Finding
from core.health.monitors.probes.network import CertifiedResponse, Network
from core.health.monitors.settings import parse_statuses
from core.health.monitors.watching import Watch
from core.kernel.outbound import parse_url

READ_BYTES = 512 * 1024  # as far as a text is looked for
MOST_REDIRECTS = 5
_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True)
class _Page:
    status: int
    text: str
    certificate: bytes | None


async def probe(network: Network, watch: Watch) -> Finding:
    """Raises what the connection raises."""
    wanted = watch.settings
    begun = time.perf_counter()
    page = await _follow(network, watch)
    latency = (time.perf_counter() - begun) * 1000
    problem = _problem(page, watch)
    found = Finding("down" if problem else "up", problem or f"answered {page.status}", latency)
    expires_at = x509.load_der_x509_certificate(page.certificate).not_valid_after_utc if page.certificate else None
    return found.within(wanted["slow_ms"]).with_expiry(expires_at, wanted["expires_days"])


async def _follow(network: Network, watch: Watch) -> _Page:
    url, method = parse_url(watch.settings["url"]), watch.settings["method"]
    for _ in range(MOST_REDIRECTS + 1):
        answer = await _ask(network, watch, url, method)
        if isinstance(answer, _Page):
            return answer
        url = parse_url(str(answer))
    raise ValueError(f"more than {MOST_REDIRECTS} redirects")


async def _ask(network: Network, watch: Watch, url: yarl.URL, method: str) -> _Page | yarl.URL:
    """The page, or where it redirects to when that is followed."""
    wanted = watch.settings
    session = network.session_for(url, allows_private=watch.allows_private)
    context = network.verified if wanted["verifies_certificate"] else network.unverified
    async with session.request(method, url, allow_redirects=False, ssl=context) as response:
        assert isinstance(response, CertifiedResponse)
        onward = response.headers.get("Location")
        if wanted["follows_redirects"] and response.status in _REDIRECTS and onward:
            response.close()
            return url.join(yarl.URL(onward))
        reads = wanted["contains"] or wanted["not_contains"]
        text = await _beginning(response) if reads else ""
        if not response.content.at_eof():
            response.close()  # the rest is not waited for
        return _Page(response.status, text, response.certificate)


async def _beginning(response: CertifiedResponse) -> str:
    read = bytearray()
    while len(read) < READ_BYTES:
        piece = await response.content.read(READ_BYTES - len(read))
        if not piece:
            break
        read += piece
    try:
        return read.decode(response.charset or "utf-8", errors="replace")
    except LookupError:  # a charset that nobody knows
        return read.decode(errors="replace")


def _problem(page: _Page, watch: Watch) -> str | None:
    wanted = watch.settings
    ranges = parse_statuses(wanted["statuses"])
    if not any(low <= page.status <= high for low, high in ranges):
        return f"answered {page.status}, not {wanted['statuses']}"
    if wanted["contains"] and wanted["contains"] not in page.text:
        return f"the answer does not contain “{wanted['contains'][:80]}”"
    if wanted["not_contains"] and wanted["not_contains"] in page.text:
        return f"the answer contains “{wanted['not_contains'][:80]}”"
    return None
