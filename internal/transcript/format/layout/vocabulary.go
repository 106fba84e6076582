package layout

import "strings"

// A vocabulary is the words that a file has in small letters: what a label of
// one word is compared with, for `Das:` and `Note:` begin sentences where `das`
// and `note` stand in them. It is a set of hashes, so that it says of one word
// in a hundred that it is there when it is not.
type vocabulary [1 << 12]uint64

const offset, prime = 2166136261, 16777619 // of FNV-1a

// add takes the words of a line that begin with a small letter.
func (v *vocabulary) add(s string) {
	h, in := uint32(offset), false // within a word in small letters
	between := true
	for i := range len(s) {
		c := s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80 {
			if between {
				in, between = c >= 'a', false
			}
			h = (h ^ uint32(c)) * prime
			continue
		}
		if in {
			v[h>>6%uint32(len(v))] |= 1 << (h & 63)
		}
		h, in, between = offset, false, true
	}
	if in {
		v[h>>6%uint32(len(v))] |= 1 << (h & 63)
	}
}

// has recognises a word that the file has in small letters.
func (v *vocabulary) has(word string) bool {
	h := uint32(offset)
	lower := strings.ToLower(word)
	for i := range len(lower) {
		h = (h ^ uint32(lower[i])) * prime
	}
	return lower != word && v[h>>6%uint32(len(v))]&(1<<(h&63)) != 0
}
