"""Trial on-sales on a copy of a show."""
