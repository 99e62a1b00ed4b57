"""Label sets of a run: batches to the files of their products, and what is made of them all at the end."""
