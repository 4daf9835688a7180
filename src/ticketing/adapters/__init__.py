"""What answers the domain's ports: stores and password hashing."""
