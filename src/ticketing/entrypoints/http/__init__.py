"""The box office over HTTP."""
