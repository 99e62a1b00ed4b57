"""Runs whose products are bodies themselves, not pictures of them."""
