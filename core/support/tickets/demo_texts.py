"""What demo customers ask, and what they are answered."""

from typing import NamedTuple


class Topic(NamedTuple):
    """A category of tickets: whose they are, what is asked (subject, text), what is answered, how they end."""

    category: str
    team: str
    tags: tuple[str, ...]
    asked: tuple[tuple[str, str], ...]
    answers: tuple[str, ...]
    solutions: tuple[str, ...]


TEAMS = {"First line": "support_tier_1", "Technical": "support_tier_2", "Billing": "support"}
AGENTS = {
    "support_tier_1": ("First line", ("login", "users"), 25), "hotline_supervisor": ("First line", ("messages",), 15),
    "support_tier_2": ("Technical", ("api", "messages"), 20), "support": ("Billing", ("billing", "users"), 20),
    "support_admin": ("Technical", ("api", "billing", "login"), 10),
}  # fmt: skip
TOPICS = (
    Topic(
        "login", "First line", ("sign-in", "2fa", "sso"),
        (
            ("Cannot sign in since this morning", "My password is refused, and the mail to set a new one does not arrive."),
            ("Two-factor code is rejected", "I have a new phone. The codes of the app are not accepted any more."),
            ("Single sign-on ends in a blank page", "After our identity provider has let me in, the page stays white."),
            ("Account locked after three attempts", "A colleague is locked out, and he has a deadline today."),
        ),
        (
            "Thank you for writing. Could you tell me which browser you use, and roughly when it happened?",
            "I have found the attempts in our log. May I reset the second factor for you?",
        ),
        (
            "The second factor was reset; please set it up again at the next sign-in.",
            "The account is unlocked. The mails were held up by a filter.",
        ),
    ),
    Topic(
        "messages", "Technical", ("delivery", "sms", "templates"),
        (
            ("Messages arrive hours late", "Reminders that should go out at 9 arrive after noon, on two carriers at least."),
            ("Campaign stuck at 40 %", "Since yesterday evening our campaign does not go on. There is no error to be seen."),
            ("Wrong sender name in messages", "Recipients see a number in place of our name."),
            (
                "Template shows a placeholder",
                "Customers get texts that begin with the name of the field, not with their own.",
            ),
            (
                "Many messages marked as undelivered",
                "One in five has failed since Monday; last week it was one in a hundred.",
            ),
        ),
        (
            "We see the delay as well. It concerns one carrier, and we are on to them.",
            "Could you send us the id of one message that you expected earlier?",
            "I have passed this on to our engineers, and come back to you today.",
        ),
        (
            "The carrier has solved it; messages of the last hours were sent again.",
            "The field was misspelt in the template; we corrected it with you.",
        ),
    ),
    Topic(
        "billing", "Billing", ("invoice", "refund", "plan"),
        (
            ("Invoice shows the wrong number of seats", "We reduced our seats in time, but this invoice has the old number."),
            ("Please send the invoice to another address", "Our bookkeeping has moved. Where do we change the address?"),
            ("Charged twice this month", "There are two debits of the same amount on our account."),
            ("Upgrade before the end of the month", "We would like to go to the next plan. What would it come to?"),
        ),
        (
            "I have looked at your subscription, and will check it with accounting.",
            "Could you send us the numbers of both invoices?",
        ),
        (
            "A corrected invoice is on its way to you.",
            "The second charge was returned today; your bank takes two or three days.",
        ),
    ),
    Topic(
        "api", "Technical", ("webhooks", "rate-limit", "export"),
        (
            ("Error 500 on export of contacts", "An export of some 80,000 contacts ends in error 500 after a minute."),
            ("Webhook is not called", "Since the weekend our endpoint gets no events. It answers when we call it ourselves."),
            ("Limit of requests reached although we send few", "We get 429 at 20 requests a minute. Our plan says 600."),
            ("Signature of webhooks does not match", "The signature that we compute is another one than yours."),
        ),
        (
            "Could you give us the request id of such an answer? It is in the header X-Request-Id.",
            "The endpoint was disabled after five days of failures. I can enable it again once it answers our test.",
        ),
        (
            "Fixed with today's release; please try it again.",
            "A second key used the same limit. It is revoked, so the limit is yours again.",
        ),
    ),
    Topic(
        "users", "First line", ("import", "permissions"),
        (
            ("Import of people rejects half of the rows", "500 of 1,000 rows are refused because of the phone number."),
            ("A colleague sees too much", "Our trainee can open the invoices. How do we take that from her?"),
            ("Please delete two accounts", "Two colleagues have left. Their accounts should be removed."),
        ),
        (
            "Thank you. I am looking at the file, and will answer shortly.",
            "Which role does your colleague have at the moment?",
        ),
        (
            "The numbers lacked the country code; with it the import went through.",
            "The role is changed, and takes effect at the next sign-in.",
        ),
    ),
)  # fmt: skip
CUSTOMER_AGAIN = (
    "Thank you, here is what you asked for.", "It still happens, a minute ago again.",
    "Any news? Our people are waiting for this.",
    "That is as far as I can tell. Please let me know if you need more.", "It works on one computer and fails on another.",
)  # fmt: skip
NOTES = (
    "Same as last week's; see the error group.", "Asked the platform team, they look at it tomorrow.",
    "Contract says priority support: do not let this lie.", "Could be the new release. Checked the flag, it is on for them.",
)  # fmt: skip
REOPENED = ("It is back since this morning.", "Sorry, but it is not solved for all of us.")
