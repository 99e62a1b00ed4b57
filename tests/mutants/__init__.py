"""How strong the tests are: small faults are made in the code, one at a time, and the tests have to fail."""
