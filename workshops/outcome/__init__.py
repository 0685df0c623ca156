"""What came of workshops: from who registered to whom the host sent afterwards, beside the practice's own history."""
