// Package lexicon has the word lists of the rules, as text files that say in
// their first lines what they are and where they come from: all were written
// by hand for griot.
package lexicon

import (
	"embed"
	"strings"
	"sync"
)

//go:embed *.txt
var files embed.FS

// Lines returns the lines of a list without comments and blank lines. The
// lists are part of the program, so a missing one is a programming error.
func Lines(list string) []string {
	data, err := files.ReadFile(list + ".txt")
	if err != nil {
		panic("lexicon: " + err.Error())
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// Set is a set of lower-case words or phrases.
type Set map[string]bool

// Of returns the set of some words.
func Of(words ...string) Set {
	set := make(Set, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}

// Words returns the words of lists whose entries stand between spaces. The
// lists are read when they are first asked for: a function that starts for a
// single short file should not wait for all of them.
func Words(lists ...string) func() Set {
	return sync.OnceValue(func() Set {
		set := Set{}
		for _, list := range lists {
			for _, line := range Lines(list) {
				for _, w := range strings.Fields(line) {
					set[w] = true
				}
			}
		}
		return set
	})
}

// Phrases reads a list whose entries stand between commas. An entry may have
// other spellings after "=": the map leads from each to the first.
func Phrases(list string) map[string]string {
	all := map[string]string{}
	for _, line := range Lines(list) {
		for entry := range strings.SplitSeq(line, ",") {
			names := strings.Split(entry, "=")
			first := strings.TrimSpace(names[0])
			for _, n := range names {
				all[strings.TrimSpace(n)] = first
			}
		}
	}
	return all
}
