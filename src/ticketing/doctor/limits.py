"""Whether the Redis that counts requests for all processes answers."""

from collections.abc import Iterator

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from ticketing.entrypoints.cli.findings import Finding, ok, warning
from ticketing.settings import Settings

_SECONDS = 2
_REMEDY = (
    "Is it up, and TICKETING_RATELIMIT_STORAGE right? Until it answers, each worker counts"
    " requests for itself."
)


def check_limits(settings: Settings) -> Iterator[Finding]:
    if settings.ratelimit and settings.ratelimit_storage != "memory":
        yield _check_redis(settings.ratelimit_storage)


def _check_redis(url: str) -> Finding:
    try:
        with Redis.from_url(
            url.replace("redis+unix", "unix", 1),
            socket_connect_timeout=_SECONDS,
            socket_timeout=_SECONDS,
            retry=Retry(NoBackoff(), 0),
        ) as redis:
            redis.ping()
    except (RedisError, ValueError, TypeError) as error:  # the last two: of options in the URL
        cause = str(error).partition("\n")[0].rstrip(".")
        return warning("redis", f"It cannot be used: {cause}.", _REMEDY)
    return ok("redis", "It answers, and counts requests for all.")
