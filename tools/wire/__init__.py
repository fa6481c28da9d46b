"""Transcripts: conversations in text files, played against a server. docs/develop/transcripts.md."""
