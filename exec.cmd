@rem npm scripts here begin with "exec", so that a signal to npm reaches the script and no shell in between. cmd has no such word: this is it.
@%*
