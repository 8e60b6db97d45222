"""Where buckets and objects are kept: on a disk, and in memory."""
