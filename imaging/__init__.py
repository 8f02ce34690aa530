"""Pictures: the engine that cleans them (imaging.engine) and the rows that keep track of them."""
