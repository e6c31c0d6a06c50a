"""The report: what a run did, as one HTML page that needs nothing else.

    run ──gather──> contents (plain values) ──page──> HTML, its charts drawn as SVG

`contents` says what the page shows; nothing below it knows HTML, nothing above it knows records.
"""
