"""Accounts and sessions: repositories and queries."""
