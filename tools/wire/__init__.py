"""Transcripts: conversations in text files. Their manual is docs/develop/transcripts.md."""
