"""What fits of frames have beside those of photos: a sequence, its people, and a world."""
