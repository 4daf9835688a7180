"""The process that keeps streams of seat maps open."""
