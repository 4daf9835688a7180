"""The command ``ticketing import``, and the CSV and JSON files that it reads."""
