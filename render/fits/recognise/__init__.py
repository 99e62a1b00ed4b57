"""Which format a fit file is of, and what is meant by one that is of none."""
