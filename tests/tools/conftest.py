import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder that a server may live in. Not below pytest's, which every pytest of this user closes to others again."""
    made = Path(tempfile.mkdtemp(prefix="qd-test-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)
