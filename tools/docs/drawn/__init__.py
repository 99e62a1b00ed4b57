"""Drawings of the page on how it works, made from what the program really computes and from its own code."""
