"""Label sets: what each pixel of a picture shows, and what is known of the people on it."""
