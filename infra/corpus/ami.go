package corpus

import (
	"encoding/json"
	"path/filepath"
	"strings"

	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/english"
)

// Meeting is one of AMI with the lines of its summary.
type Meeting struct {
	ID    string
	Split string      // train, val
	Sents [][2]string // speaker and text
	Items []Item
}

// Item is a line of a meeting's summary with the sentences it rests on.
type Item struct {
	Text  string
	Sents []int
}

// UnmarshalJSON reads [text, [indexes]].
func (it *Item) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&it.Text, &it.Sents})
}

// Meetings are those of ami-items.jsonl.gz.
func Meetings(dir string) ([]Meeting, error) {
	return Lines[Meeting](filepath.Join(dir, "ami-items.jsonl.gz"))
}

// Judged is the meeting as the learner of evidence takes it.
func (m Meeting) Judged() document.Judged {
	var d document.Judged
	for _, s := range m.Sents {
		d.Sentences = append(d.Sentences, whole(s[1]))
		d.Speakers = append(d.Speakers, s[0])
	}
	for _, it := range m.Items {
		if len(it.Sents) > 0 {
			d.Items = append(d.Items, it.Sents)
		}
	}
	return d
}

// whole is a text as one sentence, a question where it has the mark of one.
func whole(text string) english.Sentence {
	return english.Sentence{Text: text, Tokens: english.Tokens(text), Question: strings.Contains(text, "?")}
}
