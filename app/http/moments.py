"""Moments as clients write them: RFC 3339, and offsets without a colon, which some clients send."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone

MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):?(\d\d))",
    re.ASCII,
)
FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


def parse_moment(text: str) -> datetime:
    """The moment in UTC, rounded down to a microsecond; raises ValueError.

    A leap second, 23:59:60 UTC at the end of a month, is read as the second before it, which
    computer clocks show twice.  A moment before year 1 or after year 9999 in UTC becomes the first
    or the last moment of that range.
    """
    found = MOMENT.fullmatch(text)
    if found is None:
        raise ValueError("not RFC 3339")
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    fraction, sign, hours, minutes = found.groups()[6:]
    if int(hours or 0) > 23 or int(minutes or 0) > 59:
        raise ValueError("invalid offset")
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    moment = datetime(
        year or 400,  # year 0 is a leap year, as year 400 is
        month,
        day,
        hour,
        minute,
        min(second, 59) if second <= 60 else second,
        int((fraction or "")[:6].ljust(6, "0")),
        timezone(-offset if sign == "-" else offset),
    )
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        moment = LAST if moment.year == LAST.year else FIRST
    if second == 60 and not _ends_a_month(moment):
        raise ValueError("not a leap second")
    return moment if year else FIRST


def _ends_a_month(moment: datetime) -> bool:
    """Whether it is the minute in which leap seconds are inserted (ITU-R TF.460)."""
    last_day = monthrange(moment.year, moment.month)[1]
    return (moment.day, moment.hour, moment.minute) == (last_day, 23, 59)
