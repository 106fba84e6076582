// Package layout reads how names, times and words stand in a text.
//
// A container (plain text, Markdown, captions, .docx, .html, …) takes its own
// markup off and hands over what is left as a [File]: a sequence of [Line]s
// that can be walked over more than once. It says of each line what its markup
// said: that it begins a paragraph, that it is a heading, how much of its front
// is set off in bold, which time stood beside it. It does not look for names or
// times in the words, and it never drops what might be a name. [Read] does the
// rest: every [Layout] of the list is tried on the whole file, the one that
// explains the most of it reads it, and the turns, how they were read and what
// was passed over go to the collector. A container whose own structure says who
// speaks (voices of WebVTT, columns of a table with a header row) needs no
// layout and adds its turns itself.
//
// A layout is a function that recognises the line that begins a turn, and a
// condition on the rhythm in which such lines come: in same_line.go where the
// words follow on the line of the name or time, in own_line.go where they stand
// below it. Adding one is its declaration there, its line in [layouts] and its
// cases.
package layout

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/turn"
	"griot/internal/transcript/label"
)

// Line is one line of a file without markup and without the blank lines.
type Line struct {
	Text    string // may be blank only if there is a Time
	Lead    int    // bytes at the front of Text that are bold or the like
	Heading int    // its level from 1; 0 for none
	Para    bool   // it begins a paragraph, an item of a list, a cue
	Time    *clock.Mark
	Inner   *clock.Mark // a time that stood among the words
}

// File is what a container hands over.
type File struct {
	Lines iter.Seq[Line] // in the order of the file; walked over more than once

	// Paragraphs makes a segment of each paragraph (contract E: Markdown,
	// captions), not of each turn.
	Paragraphs bool
	// Cues says that the Time of a line is the time of its caption, which holds
	// to the end of the paragraph, and that the words have no times.
	Cues bool
	// Known are names that are speakers: a hint of the client, a field of the
	// file.
	Known []string
}

// A Layout is one way in which names, times and words stand in a text.
type Layout struct {
	Name string // as contract F1 has it in reading.layout

	// head recognises the line that begins a turn. It sees the lines from there
	// on, up to [ahead] of them, and says how many of them it took.
	head func(w []look) (head, bool)
	// below: the words stand on the lines below the head, so that a head
	// without any is none.
	below bool
	// nameless: it has no names and no times, so that what stands before the
	// first head was said, too.
	nameless bool
	// cues: cues of captions have this layout, too.
	cues bool
	// fits judges what a trial on the whole file has found.
	fits func(t *trial) bool
}

// layouts are all of them. Of two that explain as much, the first one reads.
var layouts = []*Layout{
	&datedChat,
	&nameColon,
	&questionAnswer,
	&nameTimeLine,
	&timeNameLine,
	&timeLineNameLine,
	&nameLineTimeLine,
	&nameBracket,
	&nameTab,
	&nameLine,
	&timeWords,
	&timeLine,
	&changeMarks,
	&dialogue,
}

// prose is what a file is that has none of them: paragraphs of nobody.
var prose = Layout{Name: "prose", nameless: true, head: func([]look) (head, bool) { return head{}, false }, cues: true}

// ahead is how many lines a layout sees.
const ahead = 5

// A head begins a turn.
type head struct {
	name   string // "" for the speaker of the turn before
	named  bool
	marked bool // the name is set off: bold, a heading, the letter of a question
	quoted bool
	sure   bool // it is a name for certain: in quotes, or with a [label.Guard]
	stamp  clock.Stamp
	timed  bool
	notice bool   // nobody said the words
	reset  bool   // somebody else speaks, whoever it is
	alone  bool   // it has no words, and it may be a sound
	words  string // on the line of the head
	lines  int    // that were read, 0 for one
}

// key is what the name of a head is known by. One in quotes is known by itself.
func (h *head) key() string {
	if h.quoted {
		return `"` + h.name
	}
	return label.Fold(h.name)
}

// Read reads a file by the layout that explains it best.
func Read(f File, out *turn.Collector) {
	f.Lines = kept(f.Lines)
	if !f.Cues {
		f.Lines = unstuck(f.Lines)
	}
	c := choose(f)
	out.Reading.Layout = c.layout.Name
	r := reader{choice: c, file: f, out: out, until: -1, ended: -1}
	walk(f, r.line)
	r.finish()
}

// maxKept is how many lines are held between the walks; longer files are taken
// apart again for each.
const maxKept = 1 << 15

// kept walks over lines that were held where they are few.
func kept(lines iter.Seq[Line]) iter.Seq[Line] {
	var held []Line
	for l := range lines {
		if len(held) == maxKept {
			return lines
		}
		held = append(held, l)
	}
	return func(yield func(Line) bool) {
		for _, l := range held {
			if !yield(l) {
				return
			}
		}
	}
}

// walk shows do every line and those after it.
func walk(f File, do func(w []look)) {
	var buf [2 * ahead]look
	from, to := 0, 0
	take := func(l Line) {
		if to == len(buf) {
			to = copy(buf[:], buf[from:to])
			from = 0
		}
		buf[to] = lookAt(l, f.Cues)
		if to++; to-from == ahead {
			do(buf[from:to])
			from++
		}
	}
	for l := range f.Lines {
		if nextVoice(l, f.Cues) < 0 {
			take(l)
			continue
		}
		for p := range pieces(l, f.Cues) {
			take(p)
		}
	}
	for ; from < to; from++ {
		do(buf[from:to])
	}
}

// pieces cuts a line where the words of another speaker begin in the middle of
// it: at >>, and in cues that begin with a dash of dialogue at the next dash.
// The marks stay, for a file may mean nothing by them.
func pieces(l Line, cues bool) iter.Seq[Line] {
	return func(yield func(Line) bool) {
		for {
			i := nextVoice(l, cues)
			if i < 0 {
				yield(l)
				return
			}
			first := l
			first.Text, l.Text = strings.TrimRight(l.Text[:i], " "), l.Text[i:]
			first.Lead = min(first.Lead, len(first.Text))
			if !yield(first) {
				return
			}
			l.Lead = max(0, l.Lead-i)
			l.Para, l.Inner = false, nil
			if !cues {
				l.Time = nil
			}
		}
	}
}

// maxDialogue is how long a line of dialogue is at most, in bytes.
const maxDialogue = 1000

// nextVoice is where in l somebody else begins to speak, or -1.
func nextVoice(l Line, cues bool) int {
	s := l.Text
	if s != "" && s[0] == '"' && quotedPrefix(s).ok { // a name that may have any marks, and words that are guarded
		return -1
	}
	if i := strings.Index(s, " >>"); i > 0 && !strings.Contains(s[:i], label.Guard) {
		before := strings.TrimRight(s[:i], " ")
		if before != "" && (cues || label.EndsSentence(before) || strings.HasPrefix(s, ">>")) {
			return i + 1
		}
	}
	if !cues || len(s) > maxDialogue || !strings.HasPrefix(s, "- ") && !strings.HasPrefix(s, "– ") {
		return -1
	}
	for i := 2; i < len(s); {
		k := strings.Index(s[i:], s[:strings.IndexByte(s, ' ')+1])
		if k < 0 {
			return -1
		}
		i += k
		r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s[i:], "-– "))
		if s[i-1] == ' ' && label.EndsSentence(strings.TrimRight(s[:i], " ")) && !unicode.IsLower(r) {
			return i
		}
		i++
	}
	return -1
}

// unstuck takes a time off that stands before every line and never moves, as
// some converters write it: it says nothing, and hides what stands behind it.
func unstuck(lines iter.Seq[Line]) iter.Seq[Line] {
	const enough, tried = 6, 60
	first, n, same := "", 0, 0
	for l := range lines {
		if l.Heading > 0 {
			continue
		}
		s := label.Trim(l.Text)
		if _, k := clock.Front(s); k > 0 && l.Time == nil {
			if first == "" {
				first = s[:k]
			}
			if s[:k] == first {
				same++
			}
		}
		if n++; n == tried {
			break
		}
	}
	if same < enough || same*10 < n*9 {
		return lines
	}
	return func(yield func(Line) bool) {
		for l := range lines {
			if rest, ok := strings.CutPrefix(label.Trim(l.Text), first); ok {
				l.Text, l.Lead = label.Trim(rest), 0
			}
			if l.Text != "" && !yield(l) {
				return
			}
		}
	}
}
