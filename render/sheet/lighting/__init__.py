"""The light of a studio on the bodies of a batch."""
