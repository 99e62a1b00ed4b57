"""Files of arrays that strangers made, read as data: nothing is run, and nothing is taken at its word."""
