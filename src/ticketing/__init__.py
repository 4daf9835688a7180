"""Ticketing: a cinema's box office as a REST API."""

__version__ = "0.1.0"
