"""Pickles of all kinds, read as data: plain ones, those of joblib and those of torch."""
