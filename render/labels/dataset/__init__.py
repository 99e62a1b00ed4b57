"""Files of a data set of label sets, out of what the sidecars of its products say."""
