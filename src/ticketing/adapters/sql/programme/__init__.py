"""Movies, screens and shows."""
