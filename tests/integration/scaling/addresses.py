"""Addresses of several servers."""

from urllib.parse import urlsplit


def both(first: str, second: str) -> str:
    """One URL of two servers, in this order, which have a database of the same name."""
    one, other = urlsplit(first), urlsplit(second)
    hosts = f"{one.netloc},{other.netloc.rpartition('@')[2]}"
    return one._replace(netloc=hosts).geturl()
