"""Real servers for the tests, each from a wheel: started in seconds, and gone with the tests."""
