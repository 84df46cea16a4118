"""Records of infrastructure say where things are, never how to get in. Pure.

What looks like a secret is refused before anything is stored, so that neither the row nor the audit trail has it. It is a net
for what people paste, and not a proof: what a secret has in common with an ordinary word passes.
"""

import re
from itertools import pairwise

from core.kernel.errors import Invalid

ADVICE = "Passwords, keys and connection strings do not belong here: keep them in the secret store and name the entry."
_FORMS = (
    (re.compile(r"[a-z][a-z0-9+.-]*://[^/\s@]*:[^/\s@]*@", re.IGNORECASE), "a URL with a user name and password"),
    (re.compile(r"-----BEGIN [A-Z0-9 ]*(PRIVATE KEY|CERTIFICATE REQUEST)", re.IGNORECASE), "a private key"),
    (re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"), "an AWS access key"),
    (re.compile(r"\b(gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,})"), "an access token"),
    (re.compile(r"\b(sk|pk|rk|iris|qd)_(live|test)_[A-Za-z0-9]{8,}"), "an API key"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{5,}"), "a signed token (JWT)"),
    (re.compile(r"\bAIza[\w-]{30,}"), "an API key"),
    (re.compile(r"\b(pass(word|wd|phrase)?|pwd|secret|token|api[_ -]?key|access[_ -]?key|accountkey)"
                r"[\"']?\s*(=|:|\bis\b)\s*[\"']?(?!(in|at|from|kept|stored|see|vault|the|not|none)\b)[^\s\"',;]{3,}",
                re.IGNORECASE),
     "a password"),
)  # fmt: skip
# Random letters, as generators make them: long, without a break, of small and capital letters and digits.
_RUN = re.compile(r"[A-Za-z0-9+/_!@#$%^&*=-]{20,}")


def finding(text: str) -> str | None:
    """What the text has that looks like a secret, such as `a password`; None when nothing does."""
    for form, told in _FORMS:
        if form.search(text):
            return told
    return "a generated password or key" if any(map(_is_random, _RUN.findall(text))) else None


def _is_random(run: str) -> bool:
    """Whether small letters, capitals and digits change all the time: names and paths change seldom."""
    if not (re.search("[a-z]", run) and re.search("[A-Z]", run) and re.search("[0-9]", run)):
        return False
    if "/" in run and run.count("/") >= 2:
        return False
    kinds = "".join("d" if one.isdigit() else "a" if one.islower() else "A" if one.isupper() else "-" for one in run)
    changes = sum(one != other for one, other in pairwise(kinds))
    return changes >= len(run) / 3


def require_no_secret(field: str, text: str) -> str:
    """The text, when it looks like no secret. Raises Invalid without repeating it."""
    told = finding(text)
    if told:
        raise Invalid(f"This looks like {told}. {ADVICE}", {field: f"This looks like {told}. {ADVICE}"})
    return text
