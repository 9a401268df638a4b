"""The generated parts: each file here makes one kind of them from the code."""
