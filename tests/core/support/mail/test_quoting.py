"""What is cut of a mail, and what stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.support.mail import htmltext
from core.support.mail.quoting import MARKER, without_history

KEPT = "Thank you!\nIt works."


@pytest.mark.parametrize(
    "history",
    [
        "On Mon, 3 Nov 2026 at 10:00, Ada <ada@deck.example> wrote:\n> Try again.\n>\n> Ada",
        "On Mon, 3 Nov 2026 at 10:00, Ada Agent with a very long name\n<ada@deck.example> wrote:\n\n> Try again.",
        "Am 03.11.26 um 10:00 schrieb Ada:\n> Versuch es noch einmal.",
        "Le lun. 3 nov. 2026 à 10:00, Ada <a@b.example> a écrit :\n\n> Essayez.",
        "-----Original Message-----\nFrom: Ada\nSent: Monday\n\nTry again.",
        "________________________________\nFrom: Ada <ada@deck.example>\nSent: Monday, November 3\nTo: Zoe\n\nTry again.",
        f"{MARKER}\n\nTry again.",
        f"> {MARKER}\n> Try again.",
        "> Try again.\n> Ada",
    ],
)  # fmt: skip
def test_history_is_cut(history):
    assert without_history(f"{KEPT}\n\n{history}\n") == KEPT


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote to you: nothing happened.\nToday neither.",
        "> Does it work?\nNo.\n> And now?\nYes.",
        "From: is the field I mean.\nIt is empty.",
        "a > b\nand c < d",
        "> only a quote",
    ],
)
def test_what_somebody_wrote_stays(text):
    assert without_history(text) == text


@given(st.text(max_size=2_000))
def test_no_text_is_lost_to_nothing(text):
    assert bool(without_history(text)) is bool(text.replace("\r", "\n").strip())


@given(st.text(alphabet="<>/abp \"'=!-&;script", max_size=300))
def test_any_html_becomes_text_without_a_script(html):
    told = htmltext.to_text(f"<p>before</p><script>SECRET{html.replace('<', '')}</script><p>after</p>")
    assert "SECRET" not in told and told.startswith("before") and told.endswith("after")
    htmltext.to_text(html)
