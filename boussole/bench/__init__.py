"""Measuring this deployment against Rasa's stock one, on the same machine and in the same run."""
