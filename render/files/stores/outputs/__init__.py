"""Outputs on object stores: objects, journals of them, locks, and files that wait to be packed."""
