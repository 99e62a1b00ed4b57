"""Colours: what is in front at a sample becomes a colour of each layer of its shot."""
