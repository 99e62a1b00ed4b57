"""Tests of the way from a photo into a turn."""
