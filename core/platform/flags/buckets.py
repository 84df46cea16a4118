"""Where a unit lies in a rollout: SHA-256, so that every language finds the same place. Vectors: docs/flags.md. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256

BUCKETS = 100_000
# A namespace of its own: in which share a unit is says nothing about which variant it gets.
SPLIT = "/variant"


def bucket(salt: str, unit: str) -> int:
    """The unit's place, 0 to 99,999: the first 8 bytes (big endian) of SHA-256 of "salt:unit", modulo 100,000."""
    return int.from_bytes(sha256(f"{salt}:{unit}".encode()).digest()[:8], "big") % BUCKETS


def threshold(percentage: float | Decimal) -> int:
    """The first bucket outside of a share; whoever is inside stays inside when the percentage rises."""
    return round(Decimal(str(percentage)) * (BUCKETS // 100))


def shares(weights: Mapping[str, int]) -> list[tuple[int, str]]:
    """For each variant in the order of its name, the first bucket after its part; variants of weight 0 are left out."""
    whole, reached = sum(weights.values()), 0
    found = []
    for name in sorted(name for name in weights if weights[name]):
        reached += weights[name]
        found.append((-(-reached * BUCKETS // whole), name))
    return found


def variant_of(weights: Mapping[str, int], salt: str, unit: str) -> str:
    """Which variant of a split the unit gets."""
    place = bucket(salt + SPLIT, unit)
    return next(name for end, name in shares(weights) if place < end)
