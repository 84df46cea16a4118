"""What the mails say: plain text, subject and body. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.support.mail.quoting import MARKER

CUSTOMER = ("created", "reply", "resolved")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a mail tells of. `body` is the message's, `survey` the address of the question, `url` that of the ticket for
    colleagues; `left_out` names files that are not in the mail."""

    number: str = ""
    subject: str = ""
    requester: str = ""
    author: str = ""
    body: str = ""
    url: str = ""
    survey: str = ""
    left_out: Sequence[str] = ()


def text_of(kind: str, facts: Facts) -> tuple[str, str]:
    """Subject and body of a mail of this kind."""
    title = _line(f"[{facts.number}] {facts.subject}")
    return {
        "created": lambda: (title, _created(facts)),
        "reply": lambda: (f"Re: {title}", _reply(facts)),
        "resolved": lambda: (f"Re: {title}", _resolved(facts)),
        "assigned": lambda: (_line(f"Yours: {title}"), _colleague(facts, "This ticket was given to you.")),
        "received": lambda: (_line(f"Answer: {title}"), _colleague(facts, f"{facts.author} wrote:\n\n{facts.body}")),
        "mentioned": lambda: (_line(f"Mentioned: {title}"), _colleague(facts, f"{facts.author} mentioned you.")),
        "nps": lambda: ("How likely are you to recommend us?", _nps(facts)),
    }[kind]()


def _line(text: str) -> str:
    """One header line: no line break of a subject may begin another header."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:400]


def _to_customer(body: str) -> str:
    return f"{MARKER}\n\n{body.rstrip()}\n"


def _created(facts: Facts) -> str:
    return _to_customer(
        f"Hello {_line(facts.requester)},\n\nwe have your request and look into it. Its number is {facts.number}.\n"
        "Reply to this mail to add something.\n"
    )


def _reply(facts: Facts) -> str:
    files = "".join(f"\n{name} is too large for a mail. Reply if you need it another way." for name in facts.left_out)
    signed = f"\n\n-- \n{_line(facts.author)}\n{facts.number}: {_line(facts.subject)}"
    return _to_customer(f"{facts.body}{signed}{files}")


def _resolved(facts: Facts) -> str:
    asked = f"\n\nHow did we do? It takes one click, without signing in:\n{facts.survey}\n" if facts.survey else "\n"
    body = f"{facts.body}\n\n" if facts.body else ""
    return _to_customer(f"{body}We count {facts.number} as resolved. Reply to this mail if it is not.{asked}")


def _colleague(facts: Facts, told: str) -> str:
    return f"{told}\n\n{facts.number}: {_line(facts.subject)}\n{facts.url}\n\nAnswer in the portal, and not to this mail.\n"


def _nps(facts: Facts) -> str:
    return (
        f"Hello {_line(facts.requester)},\n\nhow likely are you to recommend us to a colleague? Once a quarter we ask those who"
        f" run an account.\nIt takes one click, without signing in:\n\n{facts.survey}\n"
    )
