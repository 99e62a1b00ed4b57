"""What joints of people can do, and by how much the joints of a body model go beyond it."""
