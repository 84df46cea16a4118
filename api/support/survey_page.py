"""The page that a survey's link opens: plain HTML without scripts; everything that people wrote is escaped. Pure."""

import base64
import hashlib
from collections.abc import Sequence
from html import escape

from core.support.satisfaction.rules import MAX_COMMENT, SCALES

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 34rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } fieldset { border: 0; padding: 0; margin: 1.5rem 0; }
.scale { display: flex; flex-wrap: wrap; gap: .5rem; } .scale label { display: flex; align-items: center; gap: .35rem;
padding: .5rem .8rem; border: 1px solid #8b97a0; border-radius: .5rem; cursor: pointer; }
.ends { display: flex; justify-content: space-between; opacity: .75; font-size: .9rem; margin: .25rem 0 0; }
textarea { width: 100%; box-sizing: border-box; min-height: 7rem; font: inherit; padding: .5rem; }
button { font: inherit; padding: .6rem 1.4rem; border: 0; border-radius: .5rem; background: #17708c; color: #fff;
cursor: pointer; }
.error { border-left: 4px solid #d6404e; padding-left: .75rem; }
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
    "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "X-Frame-Options": "DENY",
}  # fmt: skip
_ASKED = {
    "csat": ("How did we do?", "How satisfied are you with how we handled “{subject}”?", ("not at all", "very satisfied")),
    "nps": ("How likely are you to recommend us?", "How likely are you to recommend us to a colleague?",
            ("not likely", "very likely")),
}  # fmt: skip


def _page(title: str, inner: Sequence[str]) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>' + escape(title) + "</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1"><style>' + STYLE + "</style></head>"
        "<body><main><h1>" + escape(title) + "</h1>" + "".join(inner) + "</main></body></html>\n"
    )


def said(title: str, sentence: str) -> str:
    """A page that says one thing."""
    return _page(title, [f"<p>{escape(sentence)}</p>"])


def asked(kind: str, subject: str | None, *, score: str = "", comment: str = "", problem: str = "") -> str:
    """The question as a form; with a problem what was chosen and written is still there."""
    title, question, (least, most) = _ASKED[kind]
    wrong = [f'<p class="error" role="alert">{escape(problem)}</p>'] if problem else []
    return _page(title, [
        *wrong, '<form method="post">', f"<fieldset><legend>{escape(question.format(subject=subject or ''))}</legend>",
        '<div class="scale">', *(_choice(one, is_chosen=str(one) == score) for one in SCALES[kind]), "</div>",
        f'<p class="ends"><span>{SCALES[kind][0]}: {least}</span><span>{SCALES[kind][-1]}: {most}</span></p></fieldset>',
        '<p><label for="comment">Do you want to tell us more?</label><br>',
        f'<textarea id="comment" name="comment" maxlength="{MAX_COMMENT}">{escape(comment)}</textarea></p>',
        "<button>Send</button></form>",
    ])  # fmt: skip


def _choice(score: int, *, is_chosen: bool) -> str:
    checked = " checked" if is_chosen else ""
    return f'<label><input type="radio" name="score" value="{score}" required{checked}>{score}</label>'
