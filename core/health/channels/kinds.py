"""The kinds of channels: Apprise's URL schemes that reach people over the network, and the portal's own mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from core.kernel.errors import Invalid

MAIL = "mail"
MAX_URL = 2_000


@dataclass(frozen=True, slots=True)
class Kind:
    """`form` is how its URL is written. `follows_incidents`: each alert is an incident of its own there, closed by its key.

    `names_host`: the URL's host is called. `is_plain`: without TLS, so that only allow-listed networks are called.
    """

    title: str
    form: str
    follows_incidents: bool = False
    names_host: bool = False
    is_plain: bool = False


# Only services: Apprise also knows schemes that act on this very machine (desktop, syslog, serial gateways).
KINDS: Mapping[str, Kind] = {
    MAIL: Kind("Mail", "mail://ops@example.com,lead@example.com"),
    "mailtos": Kind("Mail by another server", "mailtos://user:password@smtp.example.com?to=c@b.example", names_host=True),
    "mailto": Kind(
        "Mail by another server, not encrypted", "mailto://smtp.example.com?from=a@b.example&to=c@b.example", names_host=True,
        is_plain=True,
    ),
    "slack": Kind("Slack", "slack://TokenA/TokenB/TokenC/#channel"),
    "workflows": Kind("Microsoft Teams", "workflows://host:443/WorkflowID/Signature/", names_host=True),
    "pagerduty": Kind("PagerDuty", "pagerduty://IntegrationKey@ApiKey", follows_incidents=True),
    "opsgenie": Kind("Opsgenie", "opsgenie://ApiKey", follows_incidents=True),
    "ilert": Kind("ilert", "ilert://IntegrationKey", follows_incidents=True),
    "incidentio": Kind("incident.io", "incidentio://SourceId/Token", follows_incidents=True),
    "squadcast": Kind("Squadcast", "squadcast://Key", follows_incidents=True),
    "firehydrant": Kind("FireHydrant", "firehydrant://Token", follows_incidents=True),
    "splunk": Kind("Splunk On-Call", "splunk://RoutingKey@ApiKey", follows_incidents=True),
    "goalerts": Kind("GoAlert", "goalerts://Token@host", follows_incidents=True, names_host=True),
    "discord": Kind("Discord", "discord://WebhookId/WebhookToken"),
    "gchat": Kind("Google Chat", "gchat://Workspace/Key/Token"),
    "mmosts": Kind("Mattermost", "mmosts://host/Token", names_host=True),
    "rockets": Kind("Rocket.Chat", "rockets://Webhook@host/#channel", names_host=True),
    "zulip": Kind("Zulip", "zulip://Bot@Organisation/Token"),
    "wxteams": Kind("Webex", "wxteams://Token"),
    "tgram": Kind("Telegram", "tgram://BotToken/ChatId"),
    "ntfys": Kind("ntfy", "ntfys://host/Topic", names_host=True),
    "gotifys": Kind("Gotify", "gotifys://host/Token", names_host=True),
    "pover": Kind("Pushover", "pover://UserKey@Token"),
    "twilio": Kind("SMS by Twilio", "twilio://AccountSid:AuthToken@FromPhone/ToPhone"),
    "vonage": Kind("SMS by Vonage", "vonage://Key:Secret@FromPhone/ToPhone"),
    "jsons": Kind("Webhook (JSON)", "jsons://host/path", names_host=True),
    "json": Kind("Webhook (JSON), not encrypted", "json://host/path", names_host=True, is_plain=True),
    "forms": Kind("Webhook (form)", "forms://host/path", names_host=True),
}  # fmt: skip
# Options that read files of this machine, weaken TLS, or take timeouts and retries out of the portal's hands.
REFUSED_OPTIONS = frozenset(
    {"template", "pgp", "pgppub", "pgpprv", "wkd", "keyfile", "subfile", "attach", "attach-as", "cache", "verify", "redirect",
     "retry", "wait", "rto", "cto", "store", "optional", "action", "dedup"}
)  # fmt: skip


def kind_of(url: str) -> str:
    """The scheme of the channel's URL. Raises Invalid for a scheme or an option that a channel may not have."""
    given = url.strip()
    if not given or len(given) > MAX_URL or any(ord(letter) < 32 for letter in given):
        raise _invalid(f"Write the channel's URL, of at most {MAX_URL:,} characters.")
    scheme, separator, rest = given.partition("://")
    kind = scheme.lower()
    if not separator or kind not in KINDS:
        named = f"{kind[:30]}://" if separator else "This"
        raise _invalid(f"{named} is no kind of channel. Choose one of: {', '.join(KINDS)}.")
    options = {name.lower() for name, _ in parse_qsl(rest.partition("?")[2], keep_blank_values=True)}
    refused = sorted(options & REFUSED_OPTIONS)
    if refused:
        raise _invalid(f"The option {refused[0]} is not for channels of the portal. Leave it out.")
    return kind


def title_of(kind: str) -> str:
    return KINDS[kind].title if kind in KINDS else kind


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, {"url": sentence})
