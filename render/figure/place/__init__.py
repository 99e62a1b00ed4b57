"""Where each thing of a figure lies on the paper."""
