"""Boussole's rasa-sdk actions: read the slots, ask boussole.triage, utter. Nothing is decided here."""
