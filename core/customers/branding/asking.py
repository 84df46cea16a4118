"""Asks the name servers for a domain's TXT record. DOMAIN_CHECK_SERVERS names others than those of this host."""

import ipaddress
from functools import cache

import dns.exception
import dns.nameserver
import dns.rdatatype
import dns.resolver
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.customers.branding.challenge import Finding, record_name, record_value
from core.kernel.errors import KeyProblem

PATIENCE_S = 5.0
MOST_TOLD = 300


class DomainCheckSettings(BaseSettings):
    """`domain_check_servers`: addresses separated by commas, with a port where it is not 53: 9.9.9.9, 127.0.0.1:5353."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    domain_check_servers: str = ""


@cache
def settings() -> DomainCheckSettings:
    return DomainCheckSettings()


def _server(text: str) -> dns.nameserver.Do53Nameserver:
    host, _, port = text.rpartition(":") if text.count(":") == 1 or "]:" in text else (text, "", "53")
    try:
        return dns.nameserver.Do53Nameserver(str(ipaddress.ip_address(host.strip("[] "))), int(port))
    except ValueError as error:
        raise KeyProblem(
            f"DOMAIN_CHECK_SERVERS has “{text}”, which is no address. Write 9.9.9.9 or [::1]:5353."
        ) from error


def _resolver() -> dns.resolver.Resolver:
    named = [part.strip() for part in settings().domain_check_servers.split(",") if part.strip()]
    if not named:
        return dns.resolver.Resolver()
    own = dns.resolver.Resolver(configure=False)
    own.nameservers = [_server(one) for one in named]
    return own


def ask(domain: str, token: str) -> Finding:
    """Whether the domain's record has the token; waits at most PATIENCE_S. Raises KeyProblem for wrong settings."""
    name = record_name(domain)
    try:
        answer = _resolver().resolve(name, dns.rdatatype.TXT, lifetime=PATIENCE_S, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return Finding("absent", f"There is no TXT record {name} yet. A new one may take up to two days to be seen.")
    except dns.resolver.LifetimeTimeout:
        return Finding("unreachable", f"The name servers did not answer within {PATIENCE_S:g} s.")
    except (dns.exception.DNSException, OSError) as error:
        return Finding("unreachable", f"The name servers could not answer ({type(error).__name__}).")
    return judge([b"".join(one.strings).decode("utf-8", "replace") for one in answer], token)


def judge(texts: list[str], token: str) -> Finding:
    """What these TXT records say about the token; other records beside it do not matter."""
    if record_value(token) in (text.strip() for text in texts):
        return Finding("found", "The record has the token.")
    told = "; ".join(f"“{text[:80]}”" for text in texts[:3])
    return Finding("wrong", f"The record is {told}, and not the token."[:MOST_TOLD])
