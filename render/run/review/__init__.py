"""Audits and comparisons: batches to the numbers of their people."""
