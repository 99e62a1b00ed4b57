"""Finished products, packed into tars."""
