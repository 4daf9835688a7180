"""Whether the Redis that counts requests for all processes answers."""

from collections.abc import Iterator

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from ticketing.entrypoints.cli.doctor.findings import Finding, ok, warning
from ticketing.settings import Settings

TIMEOUT_SECONDS = 2


def check_redis(settings: Settings) -> Iterator[Finding]:
    if settings.ratelimit and settings.ratelimit_storage != "memory":
        yield _ping(settings.ratelimit_storage)


def _ping(url: str) -> Finding:
    try:
        with Redis.from_url(
            url.replace("redis+unix", "unix", 1),
            socket_connect_timeout=TIMEOUT_SECONDS,
            socket_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        ) as redis:
            redis.ping()
    except (RedisError, ValueError, TypeError) as error:  # the last two: options in the URL
        cause = str(error).partition("\n")[0].rstrip(".")
        return warning(
            "redis",
            f"Redis cannot be used: {cause}.",
            "Check that it is running and that TICKETING_RATELIMIT_STORAGE is right: until it "
            "answers, each worker counts requests on its own.",
        )
    return ok("redis", "Redis answers and counts requests for all workers.")
