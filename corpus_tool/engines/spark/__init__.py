"""Apache Spark as the cluster of `engines.parted`: the only place that knows of it."""
