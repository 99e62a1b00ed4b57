"""What the people of the demo photos wear, as outfits, as surfaces and as colours."""
