"""The people of the demo photos."""
