"""The words of a picture held against the words that were asked for. Spelling is checked, letter shape is not.

`check.check(pixels, phrases, reader)` is the way in; `reader.available()` says what is missing, in a sentence.
"""
