"""The command ``ticketing doctor``."""
