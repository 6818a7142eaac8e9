"""The triage core: facts, questions, plan, hours and deadlines, as pure functions over knowledge/."""
