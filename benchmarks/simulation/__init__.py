"""A made-up world for what cannot be measured on real people: seeded, so that it can be made again."""
