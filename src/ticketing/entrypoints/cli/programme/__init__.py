"""Programme files: what stands in them, whatever their form."""
