package token

import "iter"

// Words yields the words of a text as they are written, in lower case and
// without accents: for names that are looked through one by one.
func Words(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for start, end := next(text, 0); start < end; start, end = next(text, end) {
			if word := fold(text[start:end]); word != "" && !yield(word) {
				return
			}
		}
	}
}
