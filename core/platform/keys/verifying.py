"""Whether a key counts: answered out of memory, and never out of what was read more than 4 seconds ago.

What was found stays in memory and is read again, all keys at once, every two seconds by `watching`, or by the call that
finds it too old. So a revocation, an expiry, changed scopes and a suspended tenant count everywhere within 5 seconds, and a
database that does not answer ends in Unavailable: the door stays shut.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address
from uuid import UUID

from core.customers.tenants.rules import GONE
from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.errors import Denied, SignedOut, TooMany
from core.kernel.times import utc_now
from core.platform.keys import format, rules
from core.platform.keys.limiting import Limiter
from core.platform.keys.stored import StoredKey, load

FRESH_S, WARM_S, UNKNOWN_S = 4.0, 30.0, 60.0
CAPACITY, LOCKS = 20_000, 32
# Guesses that reach the database: of one address, and of all the world, in a minute.
GUESSES_OF_ONE, GUESSES_OF_ALL = 30, 600
Load = Callable[[Sequence[bytes], Sequence[UUID]], list[StoredKey]]


@dataclass(slots=True)
class _Entry:
    key: StoredKey
    confirmed_at: float
    used_at: float


class Verifier:
    """One per process. `clock` counts seconds and never goes back, `now` is the time of day (UTC)."""

    def __init__(
        self, load: Load = load, clock: Callable[[], float] = time.monotonic, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._load, self._clock, self._now = load, clock, now
        self._found: dict[bytes, _Entry] = {}
        self._unknown: OrderedDict[bytes, float] = OrderedDict()
        self._guesses = Limiter(clock)
        self._lock = threading.Lock()
        self._asking = [threading.Lock() for _ in range(LOCKS)]

    def verify(self, text: str, ip: str | None) -> StoredKey:
        """The key that the text is. Raises SignedOut for one that does not count, Denied for one that may not be used
        from here or whose tenant is suspended, TooMany for guessing, Unavailable."""
        if not format.is_key(text):
            raise SignedOut("This is not an API key. Copy it again, whole.")
        digest, moment = crypto.digest(text), self._clock()
        entry = self._found.get(digest)
        if entry is None or moment - entry.confirmed_at > FRESH_S:
            entry = self._ask(digest, ip)
        entry.used_at = moment
        self._admit(entry.key, digest, ip)
        return entry.key

    def is_warm(self, text: str) -> bool:
        """Whether `verify` will answer out of memory alone, so that it need not be called in a thread of its own."""
        entry = self._found.get(crypto.digest(text)) if format.is_key(text) else None
        return entry is not None and self._clock() - entry.confirmed_at <= FRESH_S

    def _admit(self, key: StoredKey, digest: bytes, ip: str | None) -> None:
        now = self._now()
        if not _is_secret(key, digest, now):
            raise SignedOut("This API key was replaced by a rotation. Use the new one.")
        if key.revoked_at is not None:
            raise SignedOut("This API key was revoked.")
        if key.expires_at is not None and key.expires_at <= now:
            raise SignedOut("This API key has expired.")
        if key.tenant_status in ("suspended", *GONE):
            raise Denied(f"The tenant of this API key is {key.tenant_status}.")
        if key.networks and not _is_within(ip, key.networks):
            raise Denied(f"This API key may not be used from {ip or 'an unknown address'}.")

    def _ask(self, digest: bytes, ip: str | None) -> _Entry:
        """Reads the key, one reader at a time. Raises SignedOut for an unknown one."""
        with self._asking[digest[0] % LOCKS]:
            begun, known = self._clock(), self._found.get(digest)
            if known is not None and begun - known.confirmed_at <= FRESH_S:
                return known
            if known is None:
                self._require_no_guessing(digest, ip, begun)
            found = self._load([digest], [])
            with self._lock:
                if found:
                    return self._keep(digest, _Entry(found[0], begun, begun))
                self._miss(digest, ip, begun)
        raise _unknown()

    def _require_no_guessing(self, digest: bytes, ip: str | None, moment: float) -> None:
        if self._unknown.get(digest, moment - 1) > moment:
            raise _unknown()
        for who, limit in ((ip, GUESSES_OF_ONE), ("all", GUESSES_OF_ALL)):
            quota = self._guesses.left(who, limit)
            if not quota.is_allowed:
                raise TooMany("Too many unknown API keys were tried. Wait a minute.", retry_after=quota.reset_s)

    def _miss(self, digest: bytes, ip: str | None, moment: float) -> None:
        self._found.pop(digest, None)
        self._unknown[digest] = moment + UNKNOWN_S
        if len(self._unknown) > CAPACITY:
            self._unknown.popitem(last=False)
        self._guesses.spend(ip, GUESSES_OF_ONE)
        self._guesses.spend("all", GUESSES_OF_ALL)

    def _keep(self, digest: bytes, entry: _Entry) -> _Entry:
        if len(self._found) >= CAPACITY:
            oldest = sorted(self._found, key=lambda one: self._found[one].used_at)
            for one in oldest[: CAPACITY // 10]:
                del self._found[one]
        self._found[digest] = entry
        return entry

    def look(self) -> int:
        """Reads every key again that was used in the last half minute, all at once; returns how many. Raises Unavailable."""
        begun = self._clock()
        with self._lock:
            used = {digest: entry for digest, entry in self._found.items() if begun - entry.used_at <= WARM_S}
        if not used:
            return 0
        fresh = {key.id: key for key in self._load([], [entry.key.id for entry in used.values()])}
        with self._lock:
            for digest, entry in used.items():
                # A call may have read it later than this look began, or `forget` dropped it: that counts.
                if self._found.get(digest) is entry and entry.confirmed_at <= begun:
                    self._renew(digest, entry, fresh.get(entry.key.id), begun)
        return len(used)

    def _renew(self, digest: bytes, entry: _Entry, key: StoredKey | None, begun: float) -> None:
        if key is None or digest not in (key.secret_digest, key.previous_digest):
            del self._found[digest]
        else:
            self._found[digest] = _Entry(key, begun, entry.used_at)

    def forget(self, key_id: UUID) -> None:
        """The next call with this key reads it anew: in this process a change counts at once."""
        with self._lock:
            for digest in [one for one, entry in self._found.items() if entry.key.id == key_id]:
                del self._found[digest]

    def __len__(self) -> int:
        return len(self._found) + len(self._unknown)


def _unknown() -> SignedOut:
    return SignedOut("This API key is unknown.")


def _is_secret(key: StoredKey, digest: bytes, now: datetime) -> bool:
    if crypto.same(key.secret_digest, digest):
        return True
    until = key.previous_expires_at
    counts = key.previous_digest is not None and until is not None and now < until
    return counts and crypto.same(key.previous_digest or b"", digest)


def is_previous(key: StoredKey, text: str) -> bool:
    """Whether the key was called with its secret before the rotation."""
    return key.previous_digest is not None and crypto.same(key.previous_digest, crypto.digest(text))


def _is_within(ip: str | None, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    if ip is None:
        return False
    address = ip_address(ip)
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)


def actor_of(key: StoredKey, *, request_id: str, ip: str | None, user_agent: str | None) -> Actor:
    """Who acts with the key: it sees its tenant alone, or everything when it is the platform's. A test key only reads."""
    return Actor(
        operator_id=None, name=key.name, role="api_key", scope="tenant" if key.tenant_id else "all", channel="api",
        grants=key.grants if key.mode == "live" else rules.readable(key.grants), request_id=request_id, ip=ip,
        user_agent=user_agent, key_id=key.id, tenant_id=key.tenant_id,
    )  # fmt: skip


_verifier = Verifier()
verify, is_warm, look, forget = _verifier.verify, _verifier.is_warm, _verifier.look, _verifier.forget
