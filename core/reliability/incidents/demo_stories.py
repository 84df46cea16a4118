"""What the demo incidents were about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """`ago` in days; `minutes` from the beginning until it was declared, acknowledged, identified, mended (monitoring) and
    resolved, as far as it came. `alert` is the rule whose demo alert it began with, `error` the fingerprint it is about,
    `deployed` the service whose latest release did it. `tickets` is how many are linked."""

    ago: float
    severity: str
    kind: str
    title: str
    services: tuple[str, ...]
    minutes: tuple[int, ...]
    description: str
    found: str = ""  # what identified says
    resolution: str = ""
    root_cause: str = ""
    source: str = "manual"
    alert: str = ""
    error: str = ""
    deployed: str = ""
    tickets: int = 0
    graver: str = ""  # the severity that it began with, before it was raised
    reopened: bool = False
    merged_into: str = ""  # the title of the one in which it goes on
    notes: tuple[str, ...] = ()

    @property
    def is_live(self) -> bool:
        return len(self.minutes) < 5 and not self.merged_into


STORIES = (
    Story(118, "sev2", "outage", "Sign-in refuses single sign-on users", ("api-gateway",), (6, 9, 34, 71, 95),
          "Users who sign in through their identity provider end on an error page.", "The provider rotated its key",
          "The new signing key was fetched and the cache emptied.", "Keys of identity providers were cached for a week.",
          source="ticket"),
    Story(113, "sev3", "bug", "Exports lack the last column", ("portal",), (190, 240, 420, 600, 660),
          "CSV exports of some lists end one column early.", resolution="The export counts columns after they are chosen.",
          root_cause="A hidden column was counted."),
    Story(107, "sev1", "outage", "All services unreachable", (), (3, 4, 22, 48, 74),
          "No address of the product answers.", "The load balancers lost their routes",
          "Routes were restored and the change was taken back.", "A network change was applied to both zones at once.",
          notes=("Called the hosting company.", "Second zone answers again.")),
    Story(101, "sev3", "performance", "Reports render slowly at month end", ("assessments",), (75, 90, 200, 260, 330),
          "Reports take up to a minute.", resolution="More workers at month end.", root_cause="One queue for all customers."),
    Story(96, "sev2", "security", "Brute force on sign-in of one customer", ("api-gateway",), (9, 14, 40, 55, 130),
          "Thousands of attempts against accounts of one customer.", "One network of addresses",
          "The network is blocked, and affected accounts got new passwords.", "No limit per account and network together."),
    Story(88, "sev3", "bug", "Wrong time zone in reminders", ("assessments",), (300, 330, 500, 640, 700),
          "Reminders to people in Asia came a day early.", resolution="Dates are computed in the person's zone.",
          root_cause="The zone of the server was taken."),
    Story(81, "sev2", "outage", "Invoices cannot be paid by card", ("billing",), (11, 15, 52, 110, 140),
          "The payment provider answers none of the calls.", "An outage of the provider",
          "The provider is back; payments that failed were tried again.", "There is no second provider.", source="error",
          error="d1a0c3f28b714e50"),
    Story(74, "sev3", "performance", "Search answers slowly", ("portal",), (40, 62, 150, 170, 240),
          "Search takes more than five seconds for large customers.", resolution="A missing index was made.",
          root_cause="A migration dropped the index."),
    Story(69, "sev2", "bug", "Answers get lost when two tabs are open", ("assessments",), (35, 41, 118, 190, 260),
          "Answers of people who use two tabs are overwritten.", "Both tabs write the whole form",
          "Each answer is saved by itself.", "The form was saved as one.", source="error", error="d3c45e8a90b2471f"),
    Story(61, "sev1", "outage", "Database of the EU region does not answer", (), (2, 3, 17, 66, 102),
          "Nothing of the EU region works.", "The disk of the primary is full", "Failed over, then the disk was enlarged.",
          "The archive of the write-ahead log was not emptied.",
          notes=("Failover begun.", "Replica is primary; services are restarted one by one.", "All queues are empty again.")),
    Story(55, "sev3", "bug", "Fonts are missing in reports", ("assessments",), (55, 70, 95, 140, 180),
          "Reports fall back to another font.", resolution="The font is in the bundle again.",
          root_cause="The bundle was made without fonts.", source="error", error="d2b97f0e6c1a4d83", deployed="assessments"),
    Story(49, "sev2", "performance", "API answers slowly for all customers", ("api-gateway", "assessments"),
          (8, 11, 64, 90, 125), "The 95th percentile is over two seconds.", "Connections are not returned to the pool",
          "The release was taken back.", "A new client library keeps connections.", deployed="api-gateway", tickets=2),
    Story(44, "sev3", "bug", "Webhooks are sent twice", ("billing",), (120, 150, 290, 360, 420),
          "Some receivers get each call twice.", resolution="Deliveries are claimed before they are sent.",
          root_cause="Two workers took the same delivery.", tickets=1),
    Story(38, "sev2", "outage", "People cannot open their assessments", ("assessments",), (5, 8, 31, 58, 83),
          "The page of an assessment answers 500.", "A label without translation", "The release was taken back.",
          "The labels of one language were incomplete, and nothing checks them.", graver="sev3", deployed="assessments",
          tickets=3, notes=("Support tells customers to use English until then.",)),
    Story(33, "sev3", "performance", "Import of people takes hours", ("api-gateway",), (95, 130, 300, 390, 480),
          "Imports of more than 10,000 people do not end.", resolution="Imports are done in parts.",
          root_cause="One transaction for the whole file.", tickets=2),
    Story(26, "sev2", "performance", "Portal and API are slow", ("portal",), (7, 11, 24, 35, 44),
          "The 95th percentile of the portal's API is over its bound.", "A report that reads everything",
          "The report was stopped, and reads the rollups now.", "A dashboard read single requests.", source="alert",
          alert="api-p95", tickets=1),
    Story(22, "sev2", "outage", "Text messages are not delivered", (), (9, 16, 40, 70, 95),
          "Codes by text message do not arrive.", "The provider refuses one in five", "Failed over to the second provider.",
          "The provider's account had reached its limit.", source="alert", alert="provider-errors", tickets=2,
          notes=("Failover takes five minutes to reach everybody.",)),
    Story(17, "sev3", "bug", "Errors in the portal's API", ("portal",), (6, 12, 15, 18, 23),
          "One in thirty calls fails.", resolution="The cache was emptied.", root_cause="Two versions shared one cache.",
          source="alert", alert="api-errors", deployed="portal"),
    Story(13, "sev2", "bug", "Results of cohorts are mixed up", ("assessments",), (30, 36, 90, 140, 210),
          "Cohort reports show figures of another cohort.", "A cache key without the cohort",
          "The key names the cohort; wrong reports were made again.", "The key of the cache was too short.",
          error="d93e60187bc24ff1", source="ticket", tickets=3, reopened=True),
    Story(11, "sev1", "outage", "Customer portal and API answer 502", ("api-gateway",), (4, 6, 38, 80, 102),
          "The gateway answers 502 for nearly everything.", "The gateway runs out of memory",
          "More memory, and the release was taken back.", "A buffer of requests grew without bound.", deployed="api-gateway",
          tickets=3, graver="sev2", notes=("Rollback started.", "First zone recovers.")),
    Story(10.99, "sev3", "outage", "Sign-in page does not load", ("api-gateway",), (12, 15), "Reported by three customers.",
          merged_into="Customer portal and API answer 502", source="ticket", tickets=2),
    Story(6, "sev2", "outage", "Mail is not sent", (), (5, 7, 9, 10, 12),
          "The mail component is down.", "The relay refused connections", "The relay was restarted.",
          "The relay's certificate had been renewed without a restart.", source="alert", alert="component-down"),
    Story(3.1, "sev3", "performance", "Customer portal was away for minutes", ("portal",), (9, 12, 20, 22, 31),
          "502 for 24 minutes, by the monitor.", resolution="Recovered by itself; the cause is looked for.", deployed="portal"),
    Story(0.2083, "sev2", "outage", "Invoices cannot be created", ("billing",), (4, 7, 19, 36),
          "One in two calls to make an invoice fails at the payment provider.", "Time-outs of the payment provider",
          source="error", error="d1a0c3f28b714e50", tickets=3, notes=("The provider confirms a disturbance.",)),
    Story(0.05, "sev3", "bug", "Forms without a language fail", ("assessments",), (14, 21),
          "Forms that name no language answer 500, since the release of yesterday.", source="error",
          error="d82d5ef716a94c05", tickets=1),
)  # fmt: skip
