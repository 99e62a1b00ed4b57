"""Who is told how far a run is, beside whoever sits before its terminal."""
