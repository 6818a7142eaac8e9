"""Measuring the bot on `evaluation/*.yml`: texts that the training never saw."""
