"""What files of motion have in common: tracks of people, the world they stand in, and Meshcapade's layouts."""
