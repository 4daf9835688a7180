"""Movies, screens, seat plans and shows."""
