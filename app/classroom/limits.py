"""How often somebody may do something: a bucket that fills by itself, and from which every act takes."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

# Whose bucket was used longest ago is forgotten, full as it is by then.
_MOST: Final = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Limit:
    """At most ``burst`` acts at once, and ``per_minute`` in the long run, of each of many.

    Args:
        burst: Acts at once.
        per_minute: Acts that are allowed again every minute.
        clock: Seconds.
    """

    def __init__(self, burst: int, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = burst
        self._per_second = per_minute / 60
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, who: str) -> bool:
        """Return whether somebody may act once more, and count it if so."""
        bucket = self._filled(who)
        if bucket.left < 1:
            return False
        bucket.left -= 1
        return True

    def has(self, who: str) -> bool:
        """Return whether somebody may act once more; counts nothing."""
        return self._filled(who).left >= 1

    def is_full(self, who: str) -> bool:
        """Return whether nothing is missing that somebody took: they did nothing, or long ago."""
        return self._filled(who).left >= self._burst

    def _filled(self, who: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.pop(who, None) or _Bucket(self._burst, now)
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._per_second)
        bucket.at = now
        self._buckets[who] = bucket
        if len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
        return bucket
