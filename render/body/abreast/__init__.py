"""Bodies abreast: what a CPU does for several of them with each of its instructions."""
