"""The places of the demo photos."""
