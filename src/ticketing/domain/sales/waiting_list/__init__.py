"""The waiting list of a show: who gets seats that come free, in order."""
