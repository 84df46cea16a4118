"""What evaluations can answer: made once for each flag and snapshot, so that evaluating only chooses. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from core.platform.flags.buckets import BUCKETS, SPLIT, bucket, shares, threshold
from core.platform.flags.conditions import Context

# Reasons and error codes as OpenFeature names them (specification, section 2.2.5 and types).
STATIC, MATCH, SPLIT_REASON, DISABLED, DEFAULT, ERROR = (
    "STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED", "DEFAULT", "ERROR",
)  # fmt: skip
NO_UNIT, NOT_FOUND, NOT_READY, GENERAL = "TARGETING_KEY_MISSING", "FLAG_NOT_FOUND", "PROVIDER_NOT_READY", "GENERAL"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a context gets of a flag, and why, as OpenFeature's code and as a sentence. Values are not to be changed."""

    key: str
    value: Any
    variant: str | None
    reason: str
    sentence: str
    config: Mapping[str, Any] = field(default_factory=dict)
    error_code: str | None = None
    hit: Callable[[], Any] | None = field(default=None, repr=False, compare=False)


Evaluate = Callable[[Context], Evaluation]
MayEvaluate = Callable[[Context], Evaluation | None]
Tally = Callable[[str], Callable[[], Any] | None]


@dataclass(frozen=True, slots=True)
class Override:
    """One tenant's own answer; `until` in seconds of the epoch."""

    variant: str | None
    config: Mapping[str, Any]
    until: float | None


@dataclass(frozen=True, slots=True)
class Definition:
    """A flag as one environment has it: the columns of Flag and FlagEnvironment that count."""

    id: Any
    key: str
    variants: Mapping[str, Any]
    off_variant: str
    unit: str
    config: Mapping[str, Any]
    salt: str
    is_enabled: bool
    rules: list[Mapping[str, Any]]
    serve: Mapping[str, Any]
    rollout_percentage: float
    prerequisites: list[Mapping[str, Any]]
    killed_at: datetime | None
    kill_reason: str | None
    paused_at: datetime | None
    pause_reason: str | None
    overrides: Mapping[str, Override] = field(default_factory=dict)


Tallies = Callable[[Definition], Tally]


def uncounted(_: Definition) -> Tally:
    """For evaluations that nobody counts."""
    return lambda _: None


class Answers:
    """Makes the evaluations of one flag."""

    def __init__(self, flag: Definition, tally: Tally) -> None:
        self.flag = flag
        self.hits = {name: tally(name) for name in flag.variants}
        self.unit = "user_id" if flag.unit == "user" else "tenant_id"
        self.no_unit = self.off(
            ERROR, f"The context names no {flag.unit}, which this flag's percentages count.", NO_UNIT
        )

    def of(
        self, variant: str, reason: str, sentence: str, *, config: Mapping[str, Any] | None = None,
        error_code: str | None = None,
    ) -> Evaluation:  # fmt: skip
        """One answer; `config` is a tenant's own, laid over the flag's settings and over the value of a JSON flag."""
        settings = {**self.flag.config, **(config or {})}
        value = self.flag.variants[variant]
        if config and isinstance(value, dict):
            value = {**value, **config}
        return Evaluation(self.flag.key, value, variant, reason, sentence, settings, error_code, self.hits[variant])

    def off(self, reason: str, sentence: str, error_code: str | None = None) -> Evaluation:
        return self.of(self.flag.off_variant, reason, sentence, error_code=error_code)

    def circular(self) -> Evaluation:
        return self.off(ERROR, "The prerequisites lead back to the flag itself.", GENERAL)

    def stopped(self) -> Evaluation | None:
        """The one answer of a flag that is killed, disabled or paused; None for one that is on."""
        flag = self.flag
        if flag.killed_at:
            told = f"Killed: {flag.kill_reason}"
        elif not flag.is_enabled:
            told = "The flag is off in this environment."
        elif flag.paused_at:
            told = f"Paused: {flag.pause_reason}"
        else:
            return None
        return self.off(DISABLED, told)

    def override(self, own: Override) -> Evaluation:
        assert own.variant is not None
        return self.of(own.variant, MATCH, "Overridden for this tenant.", config=own.config)

    def with_config(self, found: Evaluation, config: Mapping[str, Any]) -> Evaluation:
        """What was found, with a tenant's own settings."""
        assert found.variant is not None
        told = f"{found.sentence} Settings overridden for this tenant."
        return self.of(found.variant, found.reason, told, config=config, error_code=found.error_code)

    def share(self, serve: Mapping[str, Any], percentage: float, told: str) -> Evaluate | MayEvaluate:
        """What a rule serves; None to those outside of its percentage, for whom the next rule counts."""
        if percentage >= 100:
            return always(self.serve(serve, MATCH, told))
        narrowed = self.serve(serve, SPLIT_REASON, f"{told[:-1]}, within its {percentage:g} %.")
        decide: MayEvaluate = self._included(percentage, narrowed, None)
        return decide

    def rollout(self, *, has_rules: bool) -> Evaluate:
        """What those get whom nothing else decided."""
        share = float(self.flag.rollout_percentage)
        if share <= 0:
            return always(self.off(DEFAULT, "No rule matched." if has_rules else "The rollout has not begun."))
        if share >= 100:
            told = "No rule matched; on for everybody." if has_rules else "On for everybody."
            return always(self.serve(self.flag.serve, DEFAULT if has_rules else STATIC, told))
        outside = self.off(DEFAULT, f"Outside of the rollout to {share:g} %.")
        inside = self.serve(self.flag.serve, SPLIT_REASON, f"Within the rollout to {share:g} %.")
        decide: Evaluate = self._included(share, inside, outside)
        return decide

    def serve(self, serve: Mapping[str, Any], reason: str, told: str) -> Evaluation | Evaluate:
        """The answer of one variant, or the choice among several by their weights."""
        if "variant" in serve:
            return self.of(serve["variant"], reason, told)
        return self._split(serve["split"], told)

    def _included(self, percentage: float, inside: Evaluation | Evaluate, outside: Evaluation | None) -> Any:
        end, salt, unit, missing = threshold(percentage), self.flag.salt, self.unit, self.no_unit

        def constant(context: Context) -> Evaluation | Evaluate | None:
            key = context.get(unit)
            if key is None:
                return missing
            # The same as buckets.bucket, written out: a call costs as much as the hash.
            digest = sha256(f"{salt}:{key}".encode()).digest()
            return inside if int.from_bytes(digest[:8], "big") % BUCKETS < end else outside

        def chosen(context: Context) -> Evaluation | None:
            found = constant(context)
            return found(context) if callable(found) else found

        return chosen if callable(inside) else constant

    def _split(self, weights: Mapping[str, int], told: str) -> Evaluate:
        named = [(end, f"{told} Variant {name} by its share.", name) for end, name in shares(weights)]
        parts = [(end, self.of(name, SPLIT_REASON, sentence)) for end, sentence, name in named]
        missing, salt, unit = self.no_unit, self.flag.salt + SPLIT, self.unit

        def decide(context: Context) -> Evaluation:
            key = context.get(unit)
            if key is None:
                return missing
            place = bucket(salt, key)
            return next(answer for end, answer in parts if place < end)

        return decide


def always(found: Evaluation | Evaluate) -> Evaluate:
    """A function that gives the answer, whatever the context."""
    return found if callable(found) else lambda _: found
