"""The one door to a network: loading, the gate, the queue, workers and hooks. Nobody else starts a thread or runs one."""
