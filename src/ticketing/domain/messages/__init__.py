"""Messages to customers: written with what causes them, and sent later."""
