"""A crew of Ray's actors: joining a cluster, who works where, and what becomes of them."""
