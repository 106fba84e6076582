package corpus

import (
	"encoding/json"
	"path/filepath"
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
