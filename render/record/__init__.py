"""What is finished, of what it was made, and so what need not be done again."""
