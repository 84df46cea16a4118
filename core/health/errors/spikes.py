"""When errors were suddenly many."""

from collections.abc import Sequence

FEWEST, TIMES, DEVIATIONS = 10, 3.0, 6.0


def spikes(counts: Sequence[int]) -> list[int]:
    """The places that stand out: ten errors at least, three times the mean of the others, and six Poisson deviations above it.

    The others are all places but the highest tenth (the place itself at least), so that a spike does not hide behind
    itself.
    """
    if len(counts) < 3:
        return []
    held = sorted(counts)[: -max(len(counts) // 10, 1)]
    usual = sum(held) / len(held)
    limit = max(FEWEST, TIMES * usual, usual + DEVIATIONS * max(usual, 1.0) ** 0.5)
    return [place for place, count in enumerate(counts) if count >= limit]
