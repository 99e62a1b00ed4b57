"""Names beside the panels of a sheet: what they are, the room that they take, and their pixels."""
