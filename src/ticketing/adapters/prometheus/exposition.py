"""The metrics as Prometheus reads them."""

import platform
from collections.abc import Iterator, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ticketing import __version__
from ticketing.domain.programme.queries import ShowAvailability


class Now(Collector):
    """Metrics that are read when Prometheus scrapes."""

    def __init__(self, shows: Sequence[ShowAvailability] | None) -> None:
        self._shows = shows

    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily("ticketing_build_info", "What runs", labels=["version", "python"])
        build.add_metric([__version__, platform.python_version()], 1)
        yield build
        up = self._shows is not None
        yield GaugeMetricFamily("ticketing_store_up", "Whether the store answers", value=up)
        yield from _seats(self._shows or ())


def _seats(shows: Sequence[ShowAvailability]) -> Iterator[Metric]:
    names = ["show", "movie", "starts_at"]
    room = GaugeMetricFamily("ticketing_show_seats", "Seats of a show to come", labels=names)
    sold = GaugeMetricFamily("ticketing_show_seats_sold", "Those that are sold", labels=names)
    for offer in shows:
        show = offer.show
        labels = [str(show.id), show.movie.title, f"{show.starts_at:%Y-%m-%dT%H:%MZ}"]
        room.add_metric(labels, show.plan.total_seats)
        sold.add_metric(labels, show.plan.total_seats - offer.available_seats)
    yield room
    yield sold


def exposition(*collectors: Collector) -> tuple[bytes, str]:
    """Return the collected metrics as text, and its media type."""
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)
    return generate_latest(registry), CONTENT_TYPE_LATEST
