package format

import (
	"strings"

	"griot/internal/transcript"
)

// parseText reads turns that begin with a name: `Name: words`, with a time
// before or after the name or on a line of its own with it. Lines without a
// name go on with the turn, across blank lines too. A line that begins with a
// time in brackets starts a turn of the same speaker. What comes before the
// first name, and a file without names, is read by paragraphs.
func parseText(s *source, out *turns) (Parsed, error) {
	text, err := s.text()
	if err != nil {
		return Parsed{}, err
	}
	f := textFile{out: out, names: labels{}}
	for l := (lines{rest: text}); ; {
		line, ok := l.next()
		if !ok {
			break
		}
		f.names.count(readPrefix(line))
	}
	for l := (lines{rest: text}); ; {
		line, ok := l.next()
		if !ok {
			break
		}
		f.line(line)
	}
	f.flush()
	return Parsed{}, nil
}

type textFile struct {
	out     *turns
	names   labels
	named   bool // a name has been seen
	speaker string
	mark    *mark // of the turn being read, or to come
	body    []string
}

func (f *textFile) line(line string) {
	p := readPrefix(line)
	switch {
	case f.names.accept(p):
		f.flush()
		f.named, f.speaker = true, p.speaker()
		f.begin(p)
	case p.mark != nil && !p.labelled:
		f.flush()
		f.begin(p)
	case strings.TrimSpace(line) != "":
		f.body = append(f.body, line)
	case !f.named:
		f.flush()
	}
}

// begin starts a turn with the words that follow a prefix. A time that stood
// alone before a name holds unless the name brings its own.
func (f *textFile) begin(p prefix) {
	if p.mark != nil {
		f.mark = p.mark
	}
	if p.rest != "" {
		f.body = append(f.body, p.rest)
	}
}

// flush ends the turn; a time without words waits for the next one.
func (f *textFile) flush() {
	if len(f.body) == 0 {
		return
	}
	t := transcript.Turn{Speaker: f.speaker, Text: strings.Join(f.body, "\n")}
	t.StartMS, t.EndMS = f.mark.times()
	f.out.add(t)
	f.body, f.mark = f.body[:0], nil
}

func (m *mark) times() (start, end *int64) {
	if m == nil {
		return nil, nil
	}
	return &m.start, m.end
}
