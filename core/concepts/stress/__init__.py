"""When does a network break: a photo disturbed in many ways, and how far answers agree with those to the clean one."""
