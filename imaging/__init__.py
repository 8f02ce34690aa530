"""Pictures: the engine that cleans them (imaging.engine), and their way from upload to sealed renditions."""
