"""An invented place, drawn anew each time and written as the files surveyors send."""
