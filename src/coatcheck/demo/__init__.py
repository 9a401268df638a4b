"""The example application that `coatcheck demo` starts."""
