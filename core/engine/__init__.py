"""The one door to a network: loading, gate, queue, workers, hooks. Nobody else starts a thread or runs a network."""
