"""Ready-made parts for whoever runs an application with Coatcheck."""
