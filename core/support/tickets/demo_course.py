"""The course of one demo ticket, from what was asked to what it has come to by now; each step as an action would leave it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from core.support.tickets.demo_texts import CUSTOMER_AGAIN, NOTES, REOPENED, Topic

_HURRY = {"urgent": 0.25, "high": 0.5, "medium": 1.0, "low": 2.2}


class Given(NamedTuple):
    """What the ticket is about, who answers it, and when it came."""

    topic: Topic
    agent_id: UUID
    agent: str
    at: datetime
    now: datetime


@dataclass(slots=True)
class Course:
    """Rows of the ticket and of what happened to it."""

    random: Random
    ticket: dict[str, Any]
    given: Given
    messages: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def log(
        self, at: datetime, kind: str, *, before: str | None = None, after: str | None = None, **detail: Any
    ) -> None:
        """An event of the agent, or of the customer for what customers do."""
        by_customer = kind in ("created", "customer")
        self.events.append({
            "id": self._id(), "ticket_id": self.ticket["id"], "tenant_id": self.ticket["tenant_id"], "at": at, "kind": kind,
            "before": before, "after": after, "actor_id": None if by_customer else self.given.agent_id,
            "actor_name": self.ticket["requester_name"] if by_customer else self.given.agent, "detail": detail,
        })  # fmt: skip
        self.ticket["updated_at"] = at

    def say(self, at: datetime, kind: str, body: str) -> None:
        """A message: kind is reply, customer or note."""
        by_customer, key = kind == "customer", self._id()
        self.messages.append({
            "id": key, "ticket_id": self.ticket["id"], "tenant_id": self.ticket["tenant_id"],
            "author_kind": "customer" if by_customer else "agent",
            "author_id": self.ticket["requester_id"] if by_customer else self.given.agent_id,
            "author_name": self.ticket["requester_name"] if by_customer else self.given.agent, "body": body,
            "is_internal": kind == "note", "mentions": [], "created_at": at,
        })  # fmt: skip
        self.log(at, kind, message_id=str(key))
        if kind == "reply":
            self.ticket["first_response_at"] = self.ticket["first_response_at"] or at
        if kind != "note":
            self.ticket["last_customer_at" if by_customer else "last_agent_at"] = at

    def move(self, at: datetime, status: str) -> None:
        if self.ticket["status"] != status:
            self.log(at + timedelta(microseconds=1), "status", before=self.ticket["status"], after=status)
            self.ticket["status"] = status

    def assign(self, at: datetime) -> None:
        key = str(self.given.agent_id)
        self.log(at, "assignee", after=key, before_name=None, after_name=self.given.agent)
        self.ticket["assignee_id"] = self.given.agent_id
        self.move(at, "in_progress")

    def resolve(self, at: datetime) -> None:
        self.say(at, "reply", self.random.choice(self.given.topic.solutions))
        self.move(at, "resolved")
        self.ticket["resolved_at"] = at + timedelta(microseconds=1)

    def close(self, at: datetime) -> None:
        self.move(at, "closed")
        self.ticket["closed_at"] = at + timedelta(microseconds=1)

    def reopen(self, at: datetime) -> None:
        self.say(at, "customer", self.random.choice(REOPENED))
        self.move(at, "reopened")
        self.ticket |= {"resolved_at": None, "reopen_count": self.ticket["reopen_count"] + 1}

    def _id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)


def course(random: Random, ticket: dict[str, Any], given: Given) -> Course:
    """As far as it has come by now."""
    made = Course(random, ticket, given)
    known = {"priority": ticket["priority"], "channel": ticket["channel"], "category": ticket["category"]}
    made.log(given.at, "created", after="open", **known)
    at = given.at
    for minutes, act in _plan(made):
        at += timedelta(minutes=minutes)
        if at >= given.now - timedelta(minutes=1):
            break
        act(at)
    ticket["version"] = len(made.events)
    return made


def _plan(made: Course) -> Iterator[tuple[float, Callable[[datetime], None]]]:
    """What is done, and how many minutes after what was before."""
    random, topic, hurry = made.random, made.given.topic, _HURRY[made.ticket["priority"]]

    def after(middle: float) -> float:
        return random.lognormvariate(0, 0.9) * middle * hurry

    yield after(25 if random.random() < 0.85 else 900), made.assign
    if random.random() < 0.2:
        yield after(10), lambda at: made.say(at, "note", random.choice(NOTES))
    yield after(30), lambda at: made.say(at, "reply", random.choice(topic.answers))
    for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
        if random.random() < 0.6:
            yield 1, lambda at: made.move(at, "waiting")
        yield after(240), lambda at: made.say(at, "customer", random.choice(CUSTOMER_AGAIN))
        yield 0.01, lambda at: made.move(at, "in_progress")
        yield after(90), lambda at: made.say(at, "reply", random.choice(topic.answers))
    if random.random() < 0.06:
        return  # nobody went on with it
    yield after(300), made.resolve
    if random.random() < 0.06:
        yield 60 * 20, made.reopen
        yield after(200), made.resolve
    yield 60 * 24 * 7, made.close
