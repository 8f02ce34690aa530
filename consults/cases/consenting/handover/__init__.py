"""Hand-over: the clinician's device in the patient's hands, for the time of one consent."""
