"""The audit of a data set: its table, and what is said of all of its people together."""
