"""What is written for every project: the printed performance form, letters and check sheets, what the bureau's own templates ask for."""
