"""Channels: how a conversation reaches people."""
