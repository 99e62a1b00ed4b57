"""Colours: what is in front at a sample becomes a colour of its shot."""
