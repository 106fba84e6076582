package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Post is one of the web; its words stand between single spaces.
type Post struct {
	Text  string
	Names []PostName
}

// PostName is a name at the bytes From up to To: person, location, corporation,
// group, product or creative-work.
type PostName struct {
	Type     string
	From, To int
}

// Posts are those of wnut17<part>.conll; part is train or dev.
func Posts(dir, part string) ([]Post, error) {
	data, err := os.ReadFile(filepath.Join(dir, "wnut17"+part+".conll"))
	if err != nil {
		return nil, fmt.Errorf("reading WNUT17: %w", err)
	}
	var all []Post
	for post := range strings.SplitSeq(strings.ReplaceAll(string(data), "\r", ""), "\n\n") {
		all = append(all, ParsePost(post))
	}
	return all, nil
}

// ParsePost reads lines of a word, a tab and its tag: O, B-type, I-type.
func ParsePost(lines string) Post {
	var b strings.Builder
	var p Post
	open := false
	for line := range strings.SplitSeq(lines, "\n") {
		word, tag, ok := strings.Cut(line, "\t")
		if !ok {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		start := b.Len()
		b.WriteString(word)
		kind, begins := strings.CutPrefix(tag, "B-")
		if begins {
			p.Names = append(p.Names, PostName{Type: kind, From: start})
		}
		open = begins || open && strings.HasPrefix(tag, "I-")
		if open {
			p.Names[len(p.Names)-1].To = b.Len()
		}
	}
	p.Text = b.String()
	return p
}
