"""What files of motion have in common: tracks of people, their world, and Meshcapade's layouts."""
