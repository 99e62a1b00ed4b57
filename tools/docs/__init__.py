"""What makes and checks the pictures and pages of the documentation."""
