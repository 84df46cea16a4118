"""Every page of the portal, in the order of the navigation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """`key` is area/page, and the file below pages/. Without a permission, everybody signed in may open it.

    What is not listed is reached from other pages and by its address.
    """

    key: str
    title: str
    icon: str
    section: str
    permission: str | None
    help: str
    path: str
    is_listed: bool = True

    @property
    def file(self) -> str:
        return f"{self.key}.py"


PAGES = (
    Page("home", "Home", ":material/home:", "", None, "What needs you now.", "home"),
    Page(
        "access/operators", "Operators", ":material/badge:", "Access", "operators:read",
        "The company's own people: who may do what, and who is in service.", "operators",
    ),
    Page(
        "access/audit", "Audit", ":material/history:", "Access", "audit:read",
        "Who did what, when, from where and why, with before and after.", "audit",
    ),
    Page(
        "health/overview", "Overview", ":material/monitor_heart:", "Health", "health:read",
        "Whether the portal and what it depends on work, now and over 90 days.", "health",
    ),
    Page(
        "health/servers", "Servers", ":material/dns:", "Health", "health:read",
        "CPU, memory, disks and network of every server, and PostgreSQL's own figures.", "servers",
    ),
    Page(
        "health/requests", "API metrics", ":material/speed:", "Health", "health:read",
        "How much is asked, how much of it fails, how long it takes, and whom it hits.", "requests",
    ),
    Page(
        "health/metrics", "Metrics", ":material/query_stats:", "Health", "health:read",
        "What services report of themselves: gauges, counters and histograms, by name, service and labels.", "metrics",
    ),
    Page(
        "health/errors", "Errors", ":material/bug_report:", "Health", "errors:read",
        "What nobody expected, by cause: how often, since when, who is hit, and who looks at it.", "errors",
    ),
    Page(
        "health/providers", "Providers", ":material/forward_to_inbox:", "Health", "providers:read",
        "Who carries messages: delivery, errors, response time, cost, and who follows whom.", "providers",
    ),
    Page(
        "health/monitors", "Monitors", ":material/network_check:", "Health", "monitors:read",
        "What is watched from outside: URLs, ports, DNS, certificates, heartbeats; and maintenance windows.", "monitors",
    ),
    Page(
        "health/alerts", "Alerts", ":material/notifications:", "Health", "alerts:read",
        "What fires now and who has it; the rules, silences, and whom alerts reach.", "alerts",
    ),
    Page(
        "health/active_users", "Active users", ":material/group:", "Health", "health:read",
        "Operators and the tenants' people who are active now, and by day.", "active-users",
    ),
    Page(
        "customers/tenants", "Tenants", ":material/apartment:", "Customers", "tenants:read",
        "The customers' organisations: find, create, edit, suspend, reactivate.", "tenants",
    ),
    Page(
        "customers/configuration", "Configuration", ":material/tune:", "Customers", "configuration:read",
        "What counts for a tenant and why: settings, plans, overrides; two tenants compared; requests to decide.",
        "configuration",
    ),
    Page(
        "customers/users", "Users", ":material/person_search:", "Customers", "users:read",
        "The tenants' people: find across tenants, deactivate, activate, invite again.", "users",
    ),
    Page(
        "customers/quotas", "Quotas", ":material/data_usage:", "Customers", "quotas:read",
        "Who is near a limit or over it, larger plans to decide on, and overrides that end.", "quotas",
    ),
    Page(
        "customers/infrastructure", "Infrastructure", ":material/dns:", "Customers", "infrastructure:read",
        "Databases and servers of single tenants: records, checklists, and whether each lies in its tenant's region.",
        "infrastructure",
    ),
    Page(
        "customers/contracts", "Contracts", ":material/contract:", "Customers", "contracts:read",
        "What was agreed with whom: terms and their versions, renewals, tasks, documents and invoices.", "contracts",
    ),
    Page(
        "customers/growth", "Growth", ":material/trending_up:", "Customers", "revenue:read",
        "Recurring revenue now and at any month's end: what moved it, who stays, and cohorts.", "growth",
    ),
    Page(
        "customers/search", "Search", ":material/search:", "Customers", None,
        "Tenants, people, domains, invoices and errors by one box: what you may see of them.", "search",
    ),
    Page(
        "customers/plans", "Plans", ":material/sell:", "Customers", "plans:read",
        "What is sold, at which price, with which limits and settings; compared, and what it was before.", "plans",
    ),
    Page(
        "customers/invoices", "Invoices", ":material/receipt_long:", "Customers", "invoices:read",
        "What tenants owe and have paid: open, overdue, by import or from subscriptions.", "invoices",
    ),
    Page(
        "support/center", "Support center", ":material/headset_mic:", "Support", "tickets:read",
        "What waits, what came and was solved, how fast, and how often in time.", "support",
    ),
    Page(
        "support/queue", "Queue", ":material/inbox:", "Support", "tickets:read",
        "Tickets: find, work through by keyboard, assign, change and merge many at once.", "queue",
    ),
    Page(
        "support/ticket", "Ticket", ":material/confirmation_number:", "Support", "tickets:read",
        "One ticket: the conversation, its clocks, and every change; by its number.", "ticket", is_listed=False,
    ),
    Page(
        "support/escalations", "Escalations", ":material/priority_high:", "Support", "tickets:read",
        "What is overdue and for how long, what is grave and nobody's, targets that were missed; escalate at once.",
        "escalations",
    ),
    Page(
        "support/response_times", "Response times", ":material/timer:", "Support", "tickets:read",
        "How long first response and resolution take, by priority, team, agent and hour.", "response-times",
    ),
    Page(
        "support/satisfaction", "Satisfaction", ":material/sentiment_satisfied:", "Support", "tickets:read",
        "What customers say of resolved tickets, and of us each quarter; low ratings to look after.", "satisfaction",
    ),
    Page(
        "support/agents", "Agents", ":material/support_agent:", "Support", "tickets:read",
        "Who has how much to do, who is available with which skills, and how the backlog goes on.", "agents",
    ),
    Page(
        "support/settings", "SLA settings", ":material/tune:", "Support", "support_settings:read",
        "When support works, within what time it answers, what an edit would change, and who answers.", "sla-settings",
    ),
    Page(
        "reliability/sla", "SLA", ":material/verified:", "Reliability", "sla:read",
        "What contracts promise against what was measured: uptime, latency, errors, and who falls short.", "sla",
    ),
    Page(
        "reliability/sla_customer", "SLA customer", ":material/verified:", "Reliability", "sla:read",
        "One customer's contract: error budget, violations and incidents over time, months and their reports.",
        "sla-customer", is_listed=False,
    ),
    Page(
        "reliability/violations", "Violations", ":material/crisis_alert:", "Reliability", "sla:read",
        "What fell short of contracts, what proves it, what is not to count, and the incident behind it.", "violations",
    ),
    Page(
        "reliability/credits", "Credits", ":material/redeem:", "Reliability", "sla_credits:read",
        "What is owed for months that fell short: drafts with their proof, approval, numbers, adjustments.", "credits",
    ),
    Page(
        "reliability/sla_alerts", "SLA alerts", ":material/local_fire_department:", "Reliability", "sla:read",
        "Error budgets that burn before a contract is broken, and what was told of contracts.", "sla-alerts",
    ),
    Page(
        "reliability/sla_report", "SLA report", ":material/summarize:", "Reliability", "sla:read",
        "One customer's month, what was promised and what was kept, with charts: as a page, PDF and Excel.", "sla-report",
    ),
    Page(
        "reliability/incidents", "Incidents", ":material/emergency_home:", "Reliability", "incidents:read",
        "What is wrong now and what was: declare, lead, tell customers, merge; by filters and views.", "incidents",
    ),
    Page(
        "reliability/incident", "Incident", ":material/emergency_home:", "Reliability", "incidents:read",
        "One incident: its timeline, whom it hits, what was told to whom; by its number.", "incident", is_listed=False,
    ),
    Page(
        "reliability/post_mortems", "Post-mortems", ":material/history_edu:", "Reliability", "incidents:read",
        "What was learned from incidents: root causes, reviews, and action items until they are done.", "post-mortems",
    ),
    Page(
        "reliability/incident_figures", "Incident figures", ":material/timer:", "Reliability", "incidents:read",
        "How fast incidents are taken and resolved, how far apart they are, by severity and service.", "incident-figures",
    ),
    Page(
        "reliability/status_page", "Status page", ":material/public:", "Reliability", "status_page:read",
        "What the public sees of us: components, announced maintenance, who gets mails, where it is written.", "status-page",
    ),
    Page(
        "reliability/on_call", "On-call", ":material/phone_in_talk:", "Reliability", "on_call:read",
        "Who is on call now and next: schedules, overrides, escalation policies, and pages that wait for somebody.",
        "on-call",
    ),
    Page(
        "platform/jobs", "Jobs", ":material/schedule:", "Platform", "jobs:read",
        "What runs on a schedule and what waits: last runs, failures, workers.", "jobs",
    ),
    Page(
        "platform/flags", "Feature flags", ":material/flag:", "Platform", "flags:read",
        "What is switched on for whom: targeting, rollouts, kills, reviews, and flags that should go.", "flags",
    ),
    Page(
        "platform/webhooks", "Webhooks", ":material/webhook:", "Platform", "webhooks:read",
        "Who is told of what happens: endpoints, deliveries, events, tests and signatures.", "webhooks",
    ),
    Page(
        "platform/keys", "API keys", ":material/key:", "Platform", "api_keys:read",
        "Who may call the API: rights, limits, use, rotation, and keys that somebody should look at.", "api-keys",
    ),
    Page(
        "platform/explorer", "API explorer", ":material/terminal:", "Platform", "api_keys:read",
        "Every operation of the API, tried out with a session or a key, as curl and as Python.", "explorer",
    ),
)  # fmt: skip

BY_KEY = {page.key: page for page in PAGES}
