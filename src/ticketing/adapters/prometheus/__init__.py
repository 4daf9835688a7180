"""Figures for Prometheus, summed over the processes of a server.

Its library decides when it is imported whether it keeps them in memory or, for several processes,
in the directory that PROMETHEUS_MULTIPROC_DIR names: so only who wants figures imports this.
"""
