"""What an answer may be, and what figures come from answers. Pure."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from core.kernel.errors import Invalid
from core.support.tickets.rules import storable

Kind = Literal["csat", "nps"]
SCALES: dict[str, range] = {"csat": range(1, 6), "nps": range(11)}
HAPPY = 4  # CSAT is the share of the two best answers, as the field counts it
LOW = 2
PROMOTER, PASSIVE = 9, 7  # Reichheld, "The One Number You Need to Grow", Harvard Business Review, 2003
CSAT_LIFE = timedelta(days=14)
MAX_COMMENT = 4_000


def clean_score(kind: str, value: Any) -> int:
    """Raises Invalid for what is not on the question's scale."""
    scale = SCALES[kind]
    text = str(value).strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) <= 2 and int(text) in scale):
        raise Invalid(f"Choose a number from {scale[0]} to {scale[-1]}.", {"score": f"From {scale[0]} to {scale[-1]}."})
    return int(text)


def clean_comment(value: Any) -> str | None:
    """None for nothing. Raises Invalid for one that is too long."""
    comment = storable(value or "").replace("\r\n", "\n").strip()
    if len(comment) > MAX_COMMENT:
        sentence = f"The comment is longer than {MAX_COMMENT:,} characters. Shorten it."
        raise Invalid(sentence, {"comment": sentence})
    return comment or None


def is_low(kind: str, score: int) -> bool:
    """Whether somebody should look after it."""
    return kind == "csat" and score <= LOW


def quarter_of(day: date) -> date:
    """The first day of the quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def quarter_after(quarter: date) -> date:
    return quarter_of(quarter + timedelta(days=93))


def quarter_before(quarter: date) -> date:
    return quarter_of(quarter - timedelta(days=1))


def ends_at(quarter: date) -> datetime:
    """The moment at which the quarter is over (UTC)."""
    return datetime.combine(quarter_after(quarter), datetime.min.time(), UTC)


def title_of(quarter: date) -> str:
    """Such as `Q3 2026`."""
    return f"Q{(quarter.month + 2) // 3} {quarter.year}"


def ratio(part: int, whole: int) -> float | None:
    """None where there is nothing to take a share of."""
    return part / whole if whole else None


def net_promoters(promoters: int, detractors: int, answers: int) -> float | None:
    """From -100 to 100; None when nobody answered."""
    return (promoters - detractors) * 100 / answers if answers else None
