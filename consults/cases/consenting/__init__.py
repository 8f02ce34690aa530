"""The consent step of a case: recording, hand-over of the device, the record page."""
