"""Understanding: from what people write to facts, wishes and signs of danger."""
