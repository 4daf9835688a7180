"""Selling the seats of a show."""
