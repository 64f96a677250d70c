"""Speed and scale, each as a ratio against something run beside it; never part of the tests."""
