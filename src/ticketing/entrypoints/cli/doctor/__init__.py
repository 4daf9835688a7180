"""The command ``ticketing doctor``: one module per area that it checks."""
