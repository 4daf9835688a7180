"""Reads from a PostgreSQL replica that keeps up with the primary."""
