"""The staff's pages, ``/admin/``: rendered here, without scripts and without a rule."""
