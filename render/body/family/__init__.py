"""Body models whose files have SMPL's keys: one class for all, and a table of what each has of its own."""
