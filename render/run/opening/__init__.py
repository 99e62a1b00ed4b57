"""What a run needs is opened: the dataset, its fits and their bodies, the device and its kernels."""
