package corpus

import (
	"path/filepath"
	"strings"
)

// Sentence is one of GUM.
type Sentence struct {
	Doc    string   `json:"doc"`
	Split  string   `json:"split"`
	Type   string   `json:"s_type"`
	Text   string   `json:"text"`
	Tokens []string `json:"tokens"`
	Space  []bool   `json:"space"`
	Named  [][]any  `json:"named"`
}

// Name is a named thing at the tokens From up to To: person, place,
// organization, object, …
type Name struct {
	Type     string
	From, To int
}

// Genre are the sentences of gum-<genre>.jsonl.gz.
func Genre(dir, genre string) ([]Sentence, error) {
	return Lines[Sentence](filepath.Join(dir, "gum-"+genre+".jsonl.gz"))
}

// ByDoc groups the sentences by their documents.
func ByDoc(sents []Sentence) [][]Sentence {
	var docs [][]Sentence
	for i, s := range sents {
		if i == 0 || s.Doc != sents[i-1].Doc {
			docs = append(docs, nil)
		}
		docs[len(docs)-1] = append(docs[len(docs)-1], s)
	}
	return docs
}

// Names are the named things of the sentence.
func (s Sentence) Names() []Name {
	all := make([]Name, len(s.Named))
	for i, n := range s.Named {
		all[i] = Name{n[0].(string), int(n[1].(float64)), int(n[2].(float64))}
	}
	return all
}

// Join returns the sentence's text and where each token begins and ends.
func (s Sentence) Join() (string, [][2]int) {
	var b strings.Builder
	var ends [][2]int
	for i, t := range s.Tokens {
		start := b.Len()
		b.WriteString(t)
		ends = append(ends, [2]int{start, b.Len()})
		if i < len(s.Space) && s.Space[i] {
			b.WriteByte(' ')
		}
	}
	return b.String(), ends
}
