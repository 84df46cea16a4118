"""Tickets of a real incident log, excerpt or whole, and the same facts as pandas finds them."""

import pandas as pd
import pytest

from core.support.importing.loading import load
from tests.core.support.importing.log import EXCERPT, WHOLE, facts


@pytest.fixture(params=["excerpt", "whole"])
def known(request, system, db) -> pd.DataFrame:
    """One row per incident, which all are tickets now."""
    if request.param == "whole" and not WHOLE.exists():
        pytest.skip(f"the real data are absent: {WHOLE}")
    path = EXCERPT if request.param == "excerpt" else WHOLE
    load(system, path)
    return facts(path)
