"""The page that the link of a call opens: plain HTML without scripts; everything that people wrote is escaped. Pure."""

import base64
import hashlib
from html import escape

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 34rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
.severity { display: inline-block; padding: .1rem .6rem; border-radius: .5rem; background: #b3313e; color: #fff; }
button { font: inherit; width: 100%; padding: 1rem; border: 0; border-radius: .5rem; background: #17708c; color: #fff;
cursor: pointer; }
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
    "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "X-Frame-Options": "DENY",
}  # fmt: skip


def _page(title: str, inner: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>' + escape(title) + "</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1"><style>' + STYLE + "</style></head>"
        "<body><main><h1>" + escape(title) + "</h1>" + inner + "</main></body></html>\n"
    )


def said(title: str, sentence: str) -> str:
    """A page that says one thing."""
    return _page(title, f"<p>{escape(sentence)}</p>")


def asked(name: str, reference: str, severity: str, title: str) -> str:
    """What the call is about, and the button."""
    inner = (
        f'<p><span class="severity">{escape(severity.upper())}</span> {escape(reference)}</p>'
        f"<p>{escape(name)}, you are called. Once you acknowledge, nobody else is.</p>"
        '<form method="post"><button>Acknowledge</button></form>'
    )
    return _page(title, inner)
