"""Which fits are bad: what is measured of the people of an image, and what is said of a whole data set."""
