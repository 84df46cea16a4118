"""What receiving an export asks for before anything else."""

import pytest

from core.health.otlp import receiving
from core.health.otlp.formats import PROTOBUF
from core.kernel.errors import Denied


def test_without_the_right_nothing_is_even_read(db, actor_of, raw):
    with pytest.raises(Denied):
        receiving.receive(actor_of("support"), "metrics", b"\xff", PROTOBUF)
    assert raw("SELECT count(*) FROM ingest_batch")[0][0] == 0


def test_reasons_are_told_most_frequent_first_and_never_without_end():
    told = receiving.summed_up(["a", *["b"] * 1_200, *map(str, range(50))])
    assert told.startswith("b (1,200 times); a; ")
    assert told.endswith("and 47 for other reasons.")
    assert receiving.summed_up([]) == ""
