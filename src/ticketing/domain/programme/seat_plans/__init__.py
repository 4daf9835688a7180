"""Seat plans of real rooms: the model, its faults, and the formats that it is read from."""
