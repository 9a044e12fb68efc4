"""Knowledge of the articles' languages: sentences, words, dates."""
