"""The words of a name or an address, as the database's qd_words finds them."""

import re
import unicodedata

MOST = 8
LONGEST = 60


def split(text: str) -> list[str]:
    """The first words of what somebody typed, in lower case and without accents: `Zoé.Q@x` gives zoe, q, x."""
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter)).lower()
    return [word[:LONGEST] for word in re.split(r"[^\w]+|_+", letters) if word][:MOST]
