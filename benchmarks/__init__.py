"""Benchmarks of the server, compared with yardsticks that are measured in the same run.

Start them by ``python3 dev.py bench``. docs/performance.md describes them.
"""
