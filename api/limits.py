"""The limit of each key, and the headers that tell it: RateLimit-Policy and RateLimit of the IETF draft
(draft-ietf-httpapi-ratelimit-headers). Counted in the memory of this web process."""

from fastapi import Request

from core.kernel.errors import TooMany
from core.platform.keys.limiting import WINDOW_S, Limiter, Quota
from core.platform.keys.stored import StoredKey

POLICY = "key"
_limiter = Limiter()


def spend(request: Request, key: StoredKey) -> None:
    """Counts one call. Leaves the headers for the answer, whatever it will be. Raises TooMany."""
    quota = _limiter.spend(key.id, key.rate_limit_per_minute)
    request.state.limit_headers = headers_of(quota)
    if not quota.is_allowed:
        raise TooMany(
            f"This API key may call {quota.limit:,} times a minute. Call again in {quota.reset_s} s.",
            retry_after=quota.reset_s,
        )


def headers_of(quota: Quota) -> dict[str, str]:
    """What is told of a quota: `q` calls in `w` seconds; `r` are left, and after `t` seconds some come back."""
    return {
        "RateLimit-Policy": f'"{POLICY}";q={quota.limit};w={WINDOW_S}',
        "RateLimit": f'"{POLICY}";r={quota.remaining};t={quota.reset_s}',
    }
