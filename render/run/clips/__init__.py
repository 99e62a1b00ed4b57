"""Clips of sequences: frames follow one another, are drawn in batches, and are encoded in their order."""
