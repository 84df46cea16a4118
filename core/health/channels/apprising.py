"""Messages through Apprise. It answers yes or no, and gives its reasons to its log alone: they are heard there."""

import logging
import threading
from functools import cache
from typing import Any

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType

from core.health.channels.guarding import guarded
from core.health.channels.kinds import KINDS, kind_of
from core.health.channels.sending import Message

CONNECT_S, ANSWER_S = 5.0, 15.0
_log = logging.getLogger("apprise")
# Its reasons, debug lines too, are for the listener below; payloads and tokens are not for the portal's log.
_log.setLevel(logging.DEBUG)
_log.propagate = False


def plugin_of(url: str, incident: str | None = None) -> Any:
    """Apprise's own object for the URL; None when it cannot make sense of it."""
    plugin: Any = Apprise.instantiate(url, asset=_asset(), suppress_exceptions=True)
    if plugin is None:
        return None
    plugin.socket_connect_timeout, plugin.socket_read_timeout = CONNECT_S, ANSWER_S
    if incident and KINDS[kind_of(url)].follows_incidents:
        _follow(plugin, incident)
    return plugin


def _follow(plugin: Any, incident: str) -> None:
    """One incident per alert: opened by its key, and closed by it."""
    for field in ("dedup", "entity_id", "alias"):
        if hasattr(plugin, field):
            setattr(plugin, field, incident)
    if "map" in (plugin.template_args.get("action", {}).get("values") or ()):
        plugin.action = "map"


@cache
def _asset() -> AppriseAsset:
    return AppriseAsset(app_id="Quarterdeck", app_desc="Quarterdeck alerts", http_redirects=False)


def send_by_apprise(url: str, message: Message) -> str | None:
    """What went wrong, with whatever secrets it names; None when the service took the message."""
    plugin = plugin_of(url, message.incident)
    if plugin is None:
        return "The URL is not what this service takes. Edit the channel."
    heard, text = _Listener(), {"body": message.body, "title": message.subject}
    _log.addHandler(heard)
    try:
        with guarded(listed_only=KINDS[kind_of(url)].is_plain):
            is_done = plugin.notify(**text, notify_type=NotifyType(message.tone), body_format=NotifyFormat.TEXT)
    except Exception as problem:  # noqa: BLE001  (a plugin's own defect: the channel has failed, the others go on)
        return f"{type(problem).__name__}: {problem}"
    finally:
        _log.removeHandler(heard)
    return None if is_done else heard.told()


class _Listener(logging.Handler):
    """What Apprise says in this thread: it answers yes or no, and gives its reasons to the log alone."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._thread, self._said = threading.get_ident(), list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        is_reason = record.levelno >= logging.WARNING or "Exception" in text or text.startswith("Response Details")
        if record.thread == self._thread and is_reason:
            self._said.append(text)

    def told(self) -> str:
        return " ".join(dict.fromkeys(self._said)) or "The service did not take the message, and did not say why."
