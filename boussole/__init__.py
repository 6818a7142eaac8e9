"""Boussole: a French-language triage chatbot for cyberbullying."""
