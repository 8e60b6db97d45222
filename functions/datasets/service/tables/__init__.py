"""What is read of the newest table: lists, exports, profiles, snapshots."""
