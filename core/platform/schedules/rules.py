"""Schedules in words."""

from core.kernel.tasks import Schedule

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def in_words(schedule: Schedule | None) -> str:
    """`every 30 seconds`, `daily at 02:40 UTC`, `hourly at minute 10`, or the cron line as it stands."""
    if schedule is None:
        return "when asked"
    if schedule.seconds is not None:
        return f"every {span_in_words(schedule.seconds)}"
    return _cron_in_words(schedule.cron or "")


def span_in_words(seconds: int) -> str:
    """`30 seconds`, `minute`, `2 hours`."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return unit if seconds == size else f"{seconds // size} {unit}s"


def _cron_in_words(cron: str) -> str:
    minute, hour, *rest = cron.split()
    if rest != ["*", "*", "*"] or not minute.isdigit():
        return f"cron {cron} UTC"
    if hour == "*":
        return f"hourly at minute {minute}"
    return f"daily at {int(hour):02}:{int(minute):02} UTC" if hour.isdigit() else f"cron {cron} UTC"
