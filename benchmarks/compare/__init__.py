"""One tree of sources against another, in interleaved pairs, by the same load generators."""
