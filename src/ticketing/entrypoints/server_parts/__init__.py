"""Parts of the server."""
