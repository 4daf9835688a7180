"""Seats, bookings and idempotency keys."""
