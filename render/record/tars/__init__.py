"""Finished products, packed into tar shards."""
