"""Project lists as people keep them, read into projects with typed values that know their cells."""
