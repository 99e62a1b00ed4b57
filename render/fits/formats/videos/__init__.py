"""Formats of programs that follow people through a video and place them in a world."""
