"""Pages of vetting: applying (`applying`) and deciding (`deciding`)."""
