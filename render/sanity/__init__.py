"""What is said of fits before they are drawn: what they are, and which mistakes they are likely made with."""
