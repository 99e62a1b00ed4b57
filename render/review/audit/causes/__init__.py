"""Guesses at what is wrong where many people of a data set fail alike."""
