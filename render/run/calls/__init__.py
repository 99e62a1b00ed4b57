"""The run as a function: for Python, and for the command."""
