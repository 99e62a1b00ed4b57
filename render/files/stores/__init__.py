"""What lies at URLs: object stores and web servers, through obstore."""
