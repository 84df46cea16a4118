"""TLS: a handshake comes about, the certificate is trusted, and it is good for some days yet."""

import ssl
import time

from cryptography import x509

from core.health.monitors.probes.finding import Finding, day
from core.health.monitors.probes.network import Network
from core.health.monitors.watching import Watch
from core.kernel.times import utc_now


async def probe(network: Network, watch: Watch) -> Finding:
    """A certificate that is not trusted is looked at by a second handshake. Raises what the connection raises."""
    wanted = watch.settings
    begun = time.perf_counter()
    distrust: str | None = None
    try:
        certificate = await _certificate(network, watch, network.verified)
    except ssl.SSLCertVerificationError as error:
        distrust = error.verify_message
        certificate = await _certificate(network, watch, network.unverified)
    latency = (time.perf_counter() - begun) * 1000
    expires_at = certificate.not_valid_after_utc
    if distrust is None:
        return (
            Finding("up", f"the certificate is good until {day(expires_at)}", latency)
            .within(wanted["slow_ms"])
            .with_expiry(expires_at, wanted["expires_days"])
        )
    if expires_at <= utc_now():
        return Finding("down", f"the certificate expired on {day(expires_at)}", latency, expires_at)
    return Finding(
        "down", f"the certificate is not trusted ({distrust}); it expires on {day(expires_at)}", latency, expires_at
    )


async def _certificate(network: Network, watch: Watch, context: ssl.SSLContext) -> x509.Certificate:
    wanted = watch.settings
    transport = await network.connect(
        wanted["host"], wanted["port"], allows_private=watch.allows_private, context=context, name=wanted["server_name"]
    )
    shown = transport.get_extra_info("ssl_object").getpeercert(True)
    transport.abort()
    if shown is None:
        raise ValueError("the server shows no certificate")
    return x509.load_der_x509_certificate(shown)
