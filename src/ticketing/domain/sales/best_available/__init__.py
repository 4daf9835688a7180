"""Best available: the choice of seats is left to us."""
