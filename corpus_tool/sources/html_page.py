def papers(text):
    return []
