"""The states of an error, and what may be done in each."""

from datetime import datetime

from core.kernel.errors import Invalid

STATES = ("open", "returned", "acknowledged", "resolved", "ignored")
# verb -> (the states that it takes, the state that it leads to)
MOVES = {
    "acknowledge": (("open", "returned"), "acknowledged"),
    "resolve": (("open", "returned", "acknowledged"), "resolved"),
    "ignore": (("open", "returned", "acknowledged"), "ignored"),
    "reopen": (("acknowledged", "resolved", "ignored"), "open"),
}
MAX_NOTE, MOST = 2_000, 200


def present(state: str | None, resolved_at: datetime | None, last_seen_at: datetime) -> str:
    """The state as it shows: what was resolved and seen again has returned; what nobody touched is open."""
    if state == "resolved" and resolved_at is not None and last_seen_at > resolved_at:
        return "returned"
    return state or "open"


def require(verb: str, state: str) -> None:
    """Raises Invalid when the verb does not fit the state."""
    if state not in MOVES[verb][0]:
        fitting = " or ".join(MOVES[verb][0])
        raise Invalid(f"This error is {state}; only one that is {fitting} can be {_PAST[verb]}.", {"state": state})


_PAST = {"acknowledge": "acknowledged", "resolve": "resolved", "ignore": "ignored", "reopen": "opened again"}


def offered(state: str) -> list[str]:
    """The verbs that fit a state."""
    return [verb for verb, (states, _) in MOVES.items() if state in states]


def clean_note(note: str | None) -> str | None:
    """Raises Invalid for a note that is too long."""
    told = (note or "").strip()
    if len(told) > MAX_NOTE:
        sentence = f"A note has at most {MAX_NOTE:,} characters; this one has {len(told):,}. Shorten it."
        raise Invalid(sentence, {"note": sentence})
    return told or None


def require_some(fingerprints: list[str]) -> None:
    """Raises Invalid for none or too many at once."""
    if not fingerprints:
        raise Invalid("Choose at least one error.")
    if len(fingerprints) > MOST:
        raise Invalid(f"At most {MOST} errors can be changed at once; {len(fingerprints)} were chosen. Choose fewer.")
