// Package english is what the rules know of English: word lists, sentences and
// their tokens, patterns of words, verbs and the clauses that tell a step, noun
// phrases, and proper names. It knows nothing of transcripts and keeps the place
// of all it finds, so that it can be cited byte for byte. It is linear in the
// text and accepts any string.
//
// # Lists
//
// The words themselves are in the text files below lists, a few lists in each.
// A list begins with a line that has its name in brackets; comments begin with
// "#", and each other line is an entry:
//
//	approve close send               words (Words, Ordered)
//	Team: squad desk                 words that share a label (Labels)
//	System 0.6: database cluster     … which counts as much as the weight says
//	order 1: first|next thing        a pattern, see pattern.go (Patterns)
//	accounts payable = ap, tax       names and, after "=", their other spellings
//
// Words of two parts are joined by "_" where a list compares pairs.
package english

import (
	"embed"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed lists/*.txt
var files embed.FS

// entry is a line of a list.
type entry struct {
	Label
	text string
}

// Label is what a list says of a word, and how sure it is: a weight of 0 where
// the list gives none.
type Label struct {
	Name   string
	Weight float64
}

// lists are read when a word is first asked for: a function that starts should
// not wait for them.
var lists = sync.OnceValue(readLists)

func readLists() map[string][]entry {
	all := map[string][]entry{}
	dir, err := files.ReadDir("lists")
	if err != nil {
		panic("english: " + err.Error()) // the files are part of the program
	}
	for _, file := range dir {
		data, err := files.ReadFile("lists/" + file.Name())
		if err != nil {
			panic("english: " + err.Error())
		}
		list := ""
		for line := range strings.Lines(string(data)) {
			line = strings.TrimSpace(line)
			switch {
			case line == "" || line[0] == '#':
			case line[0] == '[' && line[len(line)-1] == ']':
				list = line[1 : len(line)-1]
				if all[list] != nil {
					panic("english: two lists " + list)
				}
			default:
				all[list] = append(all[list], readEntry(line))
			}
		}
	}
	return all
}

func readEntry(line string) entry {
	head, text, labelled := strings.Cut(line, ": ")
	if !labelled {
		return entry{text: line}
	}
	name, weight, weighted := strings.Cut(head, " ")
	e := entry{Label: Label{Name: name}, text: text}
	if weighted {
		var err error
		if e.Weight, err = strconv.ParseFloat(weight, 64); err != nil {
			panic("english: " + line + ": " + err.Error())
		}
	}
	return e
}

// entries returns those of a list. Lists are part of the program, so a missing
// one is a programming error.
func entries(list string) []entry {
	all := lists()[list]
	if all == nil {
		panic("english: no list " + list)
	}
	return all
}

// Set is a set of lower-case words or phrases.
type Set map[string]bool

// Words returns the words of lists.
func Words(lists ...string) func() Set {
	return sync.OnceValue(func() Set {
		set := Set{}
		for _, list := range lists {
			for _, e := range entries(list) {
				for _, w := range strings.Fields(e.text) {
					set[w] = true
				}
			}
		}
		return set
	})
}

// Ordered returns the words of a list in its order.
func Ordered(list string) func() []string {
	return sync.OnceValue(func() []string {
		var all []string
		for _, e := range entries(list) {
			all = slices.AppendSeq(all, strings.FieldsSeq(e.text))
		}
		return all
	})
}

// Labels returns the label of each word of a list: the first that has it.
func Labels(list string) func() map[string]Label {
	return sync.OnceValue(func() map[string]Label {
		labels := map[string]Label{}
		for _, e := range entries(list) {
			for _, w := range strings.Fields(e.text) {
				if _, known := labels[w]; !known {
					labels[w] = e.Label
				}
			}
		}
		return labels
	})
}
