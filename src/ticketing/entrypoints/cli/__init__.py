"""The command line: one module or folder per command. It is the top layer."""
