"""What is measured of each person: a module for each group of columns, found by name."""
