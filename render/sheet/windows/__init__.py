"""Parts of views, which fill panels of their own: how they are seen."""
