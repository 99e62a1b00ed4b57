"""The page that is served: its fields, its time, and what is shown when somebody chooses."""
