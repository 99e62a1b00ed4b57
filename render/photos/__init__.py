"""Photos: where they are, what they are, their pixels, and what is damaged in them."""
