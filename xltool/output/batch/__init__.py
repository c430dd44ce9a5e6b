"""A list turned into the official files of a bureau: filled in, printed, packed, and put in place whole."""
