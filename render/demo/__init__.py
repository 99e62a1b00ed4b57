"""The demo set: made-up photos of the demo body."""
