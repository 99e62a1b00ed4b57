"""The ground below bodies: a plane with a grid that fades into the page, and the bodies' soft shadows."""
