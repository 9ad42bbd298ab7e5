from app.classroom.phrase import N_WORDS, new_phrase, same_phrase, words


def test_words_are_short_plain_and_many():
    assert len(set(words())) == 256
    assert all(word.isascii() and word.isalpha() and word == word.lower() and len(word) <= 8 for word in words())


def test_a_phrase_is_known_again_and_another_is_not():
    phrase = new_phrase()
    assert len(phrase.split("-")) == N_WORDS
    assert same_phrase(phrase.replace("-", "  ").upper(), phrase)
    assert not same_phrase(phrase[:-1], phrase)
    assert not same_phrase("", phrase)
