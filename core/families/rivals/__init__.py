"""Published ways to train several tasks in one network, to compare with: PackNet, NestedNet, MTAN, AdaShare."""
