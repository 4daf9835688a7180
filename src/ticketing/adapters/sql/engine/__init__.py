"""What every SQL statement needs: opening a database, retrying, the clock, reading."""
