"""SQLite in a file."""
