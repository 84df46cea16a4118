"""Mails that no person wrote to us: answering one would begin a loop. Pure."""

import re

from core.support.mail.parsing import Mail

_BULK = {"bulk", "junk", "list", "auto_reply"}
_AUTOREPLY = {"x-autoreply", "x-autorespond", "x-auto-response"}
_DAEMON = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|bounce[sd]?)([+-].*)?@", re.IGNORECASE)


def is_bounce(mail: Mail) -> bool:
    """A report that a mail of ours, or what somebody took for ours, did not arrive."""
    return mail.is_report or "x-failed-recipients" in mail.marks or bool(_DAEMON.match(mail.sender))


def reason(mail: Mail, *, own: str, colleagues: frozenset[str]) -> str | None:
    """Why the mail is not taken, or None. `own` is the portal's address, `colleagues` the operators' among the senders.

    RFC 3834, section 2; Precedence and X-Autoreply are what older programs use.
    """
    marks = mail.marks
    is_automatic = marks.get("auto-submitted", "no").partition(";")[0].strip() != "no"
    reasons = {
        "It has no sender.": not mail.sender,
        "It is one of our own mails.": mail.sender == own or "x-quarterdeck-mail" in marks,
        "It reports that a mail could not be delivered.": is_bounce(mail)
        or marks.get("return-path", "").strip() == "<>",
        "It is an automatic answer (Auto-Submitted).": is_automatic,
        "It is an automatic or a bulk mail (Precedence).": marks.get("precedence", "").strip() in _BULK,
        "It is an automatic answer (X-Autoreply).": not marks.keys().isdisjoint(_AUTOREPLY),
        "A colleague sent it. Answer in the portal: a mail's sender can be forged.": mail.sender in colleagues,
    }
    return next((why for why, applies in reasons.items() if applies), None)
