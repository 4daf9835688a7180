"""How fast the box office is, beside yardsticks that are measured in the same run.

``python3 dev.py bench``; docs/performance.md says what is measured and how to read it.
"""
