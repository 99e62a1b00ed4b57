"""What annotation files of COCO say of people: the columns that they are kept in, and segmentations."""
