"""Metrics for Prometheus, summed over the processes of a server.

Prometheus's library decides on import whether it keeps metrics in memory or, for several
processes, in the directory PROMETHEUS_MULTIPROC_DIR. So import this only when metrics are enabled.
"""
