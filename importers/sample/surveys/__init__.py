"""Surveys of the invented place as surveyors send them: writers of their files, and faults planted in them with the truth."""
