"""The promised day: business days in the organisation's zone. Pure."""

from datetime import UTC, datetime, time, timedelta, tzinfo

_SATURDAY = 5
_END_OF_DAY = time(23, 59, 59)


def promised_by(submitted: datetime, business_days: int, zone: tzinfo) -> datetime:
    """Return the end of the promised day, in UTC. The day of submission does not count; weekends never do."""
    day = submitted.astimezone(zone).date()
    left = business_days
    while left > 0:
        day += timedelta(days=1)
        if day.weekday() < _SATURDAY:
            left -= 1
    return datetime.combine(day, _END_OF_DAY, tzinfo=zone).astimezone(UTC)


def days_left(started: datetime, window_days: int, now: datetime) -> int:
    """Return whole days left in the window; 0 on its last day, negative after it."""
    return (started + timedelta(days=window_days) - now) // timedelta(days=1)
