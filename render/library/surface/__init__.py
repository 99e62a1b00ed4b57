"""What bodies are painted with, as people hand it in."""
