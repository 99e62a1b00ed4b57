"""The modes whose colours stand for numbers, or for people: what they mean is in a legend."""
