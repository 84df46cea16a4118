"""DNS: a name has a record, and where that matters the right one."""

import time
from collections.abc import Sequence

import dns.asyncresolver
import dns.exception
import dns.resolver

from core.health.monitors.probes.finding import Finding
from core.health.monitors.probes.network import Network
from core.health.monitors.rules import MAX_DETAIL
from core.health.monitors.watching import Watch


async def probe(network: Network, watch: Watch) -> Finding:
    """Raises what the socket raises."""
    wanted = watch.settings
    begun = time.perf_counter()
    try:
        resolver = await _resolver(network, watch)
        answer = await resolver.resolve(wanted["name"], wanted["record_type"], lifetime=watch.timeout_s, search=False)
    except dns.resolver.NXDOMAIN:
        return Finding("down", "the name does not exist (NXDOMAIN)", _ms(begun))
    except dns.resolver.NoAnswer:
        return Finding("down", f"the name has no {wanted['record_type']} record", _ms(begun))
    except dns.resolver.LifetimeTimeout:
        return Finding("down", f"no answer within {watch.timeout_s} s", is_answered=False)
    except dns.resolver.NoNameservers:
        return Finding("down", "the name server could not answer (SERVFAIL or REFUSED)", _ms(begun))
    except dns.exception.DNSException as error:
        return Finding("down", f"{type(error).__name__}: {error}"[:MAX_DETAIL], is_answered=False)
    return _judged([rdata.to_text() for rdata in answer], wanted["expects"], _ms(begun)).within(wanted["slow_ms"])


async def _resolver(network: Network, watch: Watch) -> dns.asyncresolver.Resolver:
    server = watch.settings["server"]
    if server is None:
        return network.system_resolver
    own = dns.asyncresolver.Resolver(configure=False)
    own.nameservers = list(await network.names.addresses(server, allows_private=watch.allows_private))
    own.port = watch.settings["port"]
    return own


def _ms(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000


def _plain(text: str) -> str:
    return text.strip().strip('"').rstrip(".").lower()


def _judged(answers: Sequence[str], expected: Sequence[str], latency_ms: float) -> Finding:
    given = {_plain(one) for one in answers}
    missing = [one for one in expected if _plain(one) not in given]
    told = ", ".join(sorted(answers))
    if missing:
        return Finding("down", f"answered {told}, not {', '.join(missing)}"[:MAX_DETAIL], latency_ms)
    return Finding("up", f"answered {told}"[:MAX_DETAIL], latency_ms)
