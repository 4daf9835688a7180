"""The staff site: server-rendered pages under ``/admin/``, without scripts."""
