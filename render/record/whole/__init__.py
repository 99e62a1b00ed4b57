"""What is made of all products of a data set, when they are there."""
