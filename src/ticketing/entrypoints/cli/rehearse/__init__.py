"""The command ``ticketing rehearse``: a simulated on-sale against a running server."""
