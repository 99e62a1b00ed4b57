"""What a run would do, without doing it: dry_run=true."""
