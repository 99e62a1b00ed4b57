"""Several runs from one command line: what became of them, and who takes them to other machines."""
