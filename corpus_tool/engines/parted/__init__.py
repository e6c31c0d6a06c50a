"""The run over many machines: what each does with its part, and what they send each other. No engine is named here.

    stretches of input ──sketch──> homes ──arrange──> places ──copies, buckets, rare values──> pairs
        ──columns meet──> those that may match ──texts meet──> matches ──settle──> fates ──write──> parts

Records live at *homes*: of n tasks the i-th holds the columns of consecutive records. Everything that a task does is a
function from arrays to arrays, and whatever decides who is kept is the same function that one machine runs; `parts`
says what is asked of a cluster. Places fit 32 bits, so that a run takes up to four thousand million records.
"""
