"""Accounts, sessions and failed log-ins."""
