"""Words for what jobs are and did. What is not known stays unknown."""

from datetime import timedelta

import pandas as pd

from core.platform.queue import rules


def span(duration: timedelta | None) -> str | None:
    return None if duration is None or pd.isna(duration) else rules.span(duration)


def outcome(word: str | None) -> str | None:
    return None if word is None or pd.isna(word) else word.capitalize()
