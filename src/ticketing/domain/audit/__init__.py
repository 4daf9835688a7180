"""The audit trail: what the staff changed, and when."""
