"""Tests and benchmarks on a GPU machine that has no network: see README.md here."""
