"""Photos that a GPU decodes: which of them it may, and the decoder."""
