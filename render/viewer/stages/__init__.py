"""What is to be seen at a time, before any library shows it: who stands where, and how they look."""
