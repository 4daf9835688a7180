"""Trying an on-sale on a copy of a show."""
