"""Which file an image name stands for, and what to say where it is called in another way."""
