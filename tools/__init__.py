"""What helps with the program and is no part of it."""
