"""All networks on one picture: masks, votes, scores."""
