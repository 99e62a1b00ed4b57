"""What users hand in: arrays, bodies, fits and options, checked and as kernels take them."""
