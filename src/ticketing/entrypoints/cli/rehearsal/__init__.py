"""An on-sale with a crowd of our own: who plays it, and how it is told."""
