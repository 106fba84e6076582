package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"griot/internal/extraction/rules/name"
)

// measureWNUT measures names in posts of the web; each post stands
// alone, and times are no names there.
func measureWNUT(dir string) ([]row, error) {
	var rows []row
	for _, part := range []string{"train", "dev"} {
		data, err := os.ReadFile(filepath.Join(dir, "wnut17"+part+".conll"))
		if err != nil {
			return nil, fmt.Errorf("reading WNUT17: %w", err)
		}
		var c counts
		for post := range strings.SplitSeq(strings.ReplaceAll(string(data), "\r", ""), "\n\n") {
			text, gold := readPost(post)
			c.add(namesIn(name.Finder{}, text, name.Time), gold)
		}
		base := map[string]float64{"dev": 0.450}[part]
		rows = append(rows, row{"names, WNUT17", part, "F1 exact", c.f1(), base, c.note()})
	}
	return rows, nil
}

func readPost(post string) (string, map[[2]int]bool) {
	var b strings.Builder
	gold := map[[2]int]bool{}
	open, end := -1, 0
	flush := func() {
		if open >= 0 {
			gold[[2]int{open, end}] = true
		}
		open = -1
	}
	for line := range strings.SplitSeq(post, "\n") {
		word, tag, ok := strings.Cut(line, "\t")
		if !ok {
			continue
		}
		if !strings.HasPrefix(tag, "I-") {
			flush()
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		if strings.HasPrefix(tag, "B-") {
			open = b.Len()
		}
		b.WriteString(word)
		end = b.Len()
	}
	flush()
	return b.String(), gold
}
