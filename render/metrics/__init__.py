"""How far two fits of one person are apart."""
