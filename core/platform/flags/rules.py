"""Evaluation: a flag compiled to a function of a context, in this order: killed, disabled, paused, prerequisites,
override, rules, rollout. Pure."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.platform.flags.answers import (
    DEFAULT,
    Answers,
    Definition,
    Evaluate,
    Evaluation,
    MayEvaluate,
    Tallies,
    always,
    uncounted,
)
from core.platform.flags.conditions import Context, Test, compile_all, describe


@dataclass(frozen=True, slots=True)
class Audience:
    """A segment, compiled."""

    name: str
    test: Test


class Compiler:
    """Compiles the flags of one environment, which may be prerequisites of each other."""

    def __init__(
        self, definitions: Iterable[Definition], segments: Mapping[str, Audience],
        tallies: Tallies = uncounted,
    ) -> None:  # fmt: skip
        self.definitions = {one.key: one for one in definitions}
        self.segments = segments
        self.tallies = tallies
        self.compiled: dict[str, Evaluate] = {}

    def compile(self) -> dict[str, Evaluate]:
        """Every flag by its key. One whose prerequisites lead back to itself is an error and off."""
        for key in self.definitions:
            self._one(key, ())
        return self.compiled

    def _one(self, key: str, above: tuple[str, ...]) -> Evaluate | None:
        if key in self.compiled or key not in self.definitions:
            return self.compiled.get(key)
        flag = self.definitions[key]
        needed = {
            one["flag"]: self._one(one["flag"], (*above, key)) for one in flag.prerequisites if one["flag"] not in above
        }
        answers = Answers(flag, self.tallies(flag))
        circular = any(one["flag"] in (*above, key) for one in flag.prerequisites)
        self.compiled[key] = always(answers.circular()) if circular else self._decide(flag, answers, needed)
        return self.compiled[key]

    def _decide(self, flag: Definition, answers: Answers, needed: Mapping[str, Evaluate | None]) -> Evaluate:
        stopped = answers.stopped()
        if stopped is not None:
            return always(stopped)
        decide = self._targeted(flag, answers)
        if flag.overrides:
            decide = _overridden(flag, answers, decide)
        if flag.prerequisites:
            wanted = [(one["flag"], needed.get(one["flag"]), frozenset(one["variants"])) for one in flag.prerequisites]
            decide = _required(answers, wanted, decide)
        return decide

    def _targeted(self, flag: Definition, answers: Answers) -> Evaluate:
        otherwise = answers.rollout(has_rules=bool(flag.rules))
        steps = tuple(self._rule(answers, rule, place) for place, rule in enumerate(flag.rules, 1))
        if not steps:
            return otherwise

        def decide(context: Context) -> Evaluation:
            for matches, serve in steps:
                if matches(context):
                    found = serve(context)
                    if found is not None:
                        return found
            return otherwise(context)

        return decide

    def _rule(self, answers: Answers, rule: Mapping[str, Any], place: int) -> tuple[Test, Evaluate | MayEvaluate]:
        name = rule.get("segment")
        segment = self.segments.get(name) if name else None
        if name and segment is None:
            return (lambda _: False), (lambda _: None)
        conditions = compile_all(rule["conditions"])
        told = f"Matched segment {segment.name}." if segment else f"Matched {_named(rule, place)}."
        serve = answers.share(rule["serve"], rule["percentage"], told)
        if segment is None:
            return conditions, serve
        return _both(segment.test, conditions) if rule["conditions"] else segment.test, serve


def _named(rule: Mapping[str, Any], place: int) -> str:
    if rule["description"]:
        return f"rule “{rule['description']}”"
    told = " and ".join(describe(one) for one in rule["conditions"])
    return f"rule {place}: {told or 'everybody'}"


def _both(one: Test, other: Test) -> Test:
    return lambda context: one(context) and other(context)


def _required(
    answers: Answers, wanted: list[tuple[str, Evaluate | None, frozenset[str]]], decide: Evaluate
) -> Evaluate:
    unmet = {key: answers.off(DEFAULT, f"Prerequisite {key} is not met.") for key, _, _ in wanted}

    def evaluate(context: Context) -> Evaluation:
        for key, other, variants in wanted:
            if other is None or other(context).variant not in variants:
                return unmet[key]
        return decide(context)

    return evaluate


def _overridden(flag: Definition, answers: Answers, decide: Evaluate) -> Evaluate:
    own = {tenant: answers.override(one) for tenant, one in flag.overrides.items() if one.variant is not None}
    overrides = flag.overrides

    def evaluate(context: Context) -> Evaluation:
        one = overrides.get(context.get("tenant_id", ""))
        if one is None or (one.until is not None and one.until <= time.time()):
            return decide(context)
        return (
            own[context["tenant_id"]] if one.variant is not None else answers.with_config(decide(context), one.config)
        )

    return evaluate
