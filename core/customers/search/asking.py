"""What somebody typed, made harmless and taken apart. Pure."""

import unicodedata
from dataclasses import dataclass
from uuid import UUID

from core.customers.users import words
from core.kernel.reads import as_id

LONGEST, SHORTEST = 200, 2


@dataclass(frozen=True, slots=True)
class Asked:
    """`text` without marks that nobody sees, `key` where it is an id, and its words in lower case without accents."""

    text: str
    key: UUID | None
    words: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        """Long enough to look for: one letter finds everything and so nothing. One sign of a script without letters does."""
        return len(self.text) >= SHORTEST or any(unicodedata.category(sign) == "Lo" for sign in self.text)

    @property
    def query(self) -> str | None:
        """A tsquery for rows that have a word beginning with each of these words; None without a word.

        A word is letters and digits alone, so that nothing in it is an operator.
        """
        return query_of(self.words)


def ask(typed: str) -> Asked:
    """Whatever it is: no character of it is refused, and none has a meaning but its own."""
    seen = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in typed[: 4 * LONGEST])
    text = " ".join(seen.split())[:LONGEST].rstrip()
    return Asked(text, as_id(text), tuple(words.split(text)))


def query_of(known: tuple[str, ...]) -> str | None:
    return " & ".join(f"'{word}':*" for word in known) or None
