"""The command ``ticketing demo``: a cinema with a week of shows, accounts and sales."""
