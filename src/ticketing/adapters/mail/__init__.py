"""Mails to customers: their text, and how they are sent."""
