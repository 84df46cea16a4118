"""Cuts what a mail repeats of earlier ones, so that a conversation says everything once."""

import re

MARKER = "## Please write your answer above this line ##"
# What mail programs put before a quote: Gmail, Apple Mail and Thunderbird in one line or two, Outlook as a block.
_WROTE = re.compile(
    r"^\s*(On|Am|Le|El|Il|Op|Em|Den|W dniu)\b.{4,200}?\b"
    r"(wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|skrev|napisał\(?a?\)?)\b[^\n]{0,100}:\s*$",
    re.IGNORECASE | re.DOTALL,
)
_ORIGINAL = re.compile(
    r"^\s*-{2,}\s*(Original Message|Ursprüngliche Nachricht|Message d'origine|Mensaje original|Messaggio originale|"
    r"Forwarded message|Original-Nachricht)\s*-{2,}\s*$",
    re.IGNORECASE,
)
_FROM = re.compile(r"^\s*\*?(From|Von|De|Da|Van)\s*:\*?\s+\S", re.IGNORECASE)
_SENT = re.compile(r"^\s*\*?(Sent|Date|Gesendet|Datum|Envoyé|Enviado|Inviato|Verzonden)\s*:", re.IGNORECASE)
_RULE = re.compile(r"^\s*_{10,}\s*$")


def _is_quote(line: str) -> bool:
    return line.lstrip().startswith(">")


def _begins_history(lines: list[str], place: int) -> bool:
    line = lines[place]
    if MARKER in line or _ORIGINAL.match(line):
        return True
    if _FROM.match(line):
        return any(_SENT.match(one) for one in lines[place + 1 : place + 4])
    if not line.strip() or len(line) > 250 or line.lstrip()[:1].isdigit():
        return False
    # The line may have been wrapped into up to three.
    told = ["\n".join(lines[place : place + count]) for count in (1, 2, 3)]
    return any(_WROTE.match(one) for one in told) and _is_followed_by_quote(lines, place)


def _is_followed_by_quote(lines: list[str], place: int) -> bool:
    """Whether nothing but a quote, or nothing at all, comes behind: an answer between the lines is no history."""
    rest = [line for line in lines[place + 1 :] if line.strip()]
    while rest and not _is_quote(rest[0]) and len(rest[0]) < 120 and rest[0].rstrip().endswith(":"):
        rest = rest[1:]
    return all(_is_quote(line) for line in rest) or not any(_is_quote(line) for line in rest)


def without_history(text: str) -> str:
    """The text before the history that a mail program added. All of it, where nothing would remain.

    Answers between the lines of a quote stay, with the lines that they answer.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = next((place for place in range(len(lines)) if _begins_history(lines, place)), len(lines))
    kept = lines[:end]
    if end == len(lines):
        kept = _without_trailing_quote(kept)
    while kept and (not kept[-1].strip() or _RULE.match(kept[-1])):
        kept.pop()
    said = "\n".join(kept).strip()
    own = [line for line in kept if line.strip() and not _is_quote(line)]
    return said if own else text.strip()


def _without_trailing_quote(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and (not lines[end - 1].strip() or _is_quote(lines[end - 1])):
        end -= 1
    return lines[:end] if any(_is_quote(line) for line in lines[end:]) else lines
