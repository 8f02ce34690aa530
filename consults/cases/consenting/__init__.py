"""The consent step of a case: recording it, handing the device over, the record page."""
