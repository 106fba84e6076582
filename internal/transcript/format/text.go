package format

import (
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/speaker"
	"griot/internal/transcript/format/turn"
)

// parseText reads turns that begin with a name: `Name: words`, with a time
// before or after the name or on a line of its own with it. Lines without a
// name go on with the turn, across blank lines too. A line that begins with a
// time in brackets starts a turn of the same speaker. What comes before the
// first name, and a file without names, is read by paragraphs.
func parseText(src *source.Source, out *turn.Collector) error {
	text, err := src.Text()
	if err != nil {
		return err
	}
	f := textFile{out: out, names: speaker.Labels{}}
	for l := source.NewLines(text); ; {
		line, ok := l.Next()
		if !ok {
			break
		}
		f.names.Count(speaker.Read(line))
	}
	for l := source.NewLines(text); ; {
		line, ok := l.Next()
		if !ok {
			break
		}
		f.line(line)
	}
	f.flush()
	return nil
}

type textFile struct {
	out     *turn.Collector
	names   speaker.Labels
	named   bool // a name has been seen
	speaker string
	mark    *clock.Mark // of the turn being read, or to come
	body    []string
}

func (f *textFile) line(line string) {
	p := speaker.Read(line)
	switch {
	case f.names.Accept(p):
		f.flush()
		f.named, f.speaker = true, p.Speaker()
		f.begin(p)
	case p.Mark != nil && !p.Labelled:
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
func (f *textFile) begin(p speaker.Prefix) {
	if p.Mark != nil {
		f.mark = p.Mark
	}
	if p.Rest != "" {
		f.body = append(f.body, p.Rest)
	}
}

// flush ends the turn; a time without words waits for the next one.
func (f *textFile) flush() {
	if len(f.body) == 0 {
		return
	}
	t := transcript.Turn{Speaker: f.speaker, Text: strings.Join(f.body, "\n")}
	t.StartMS, t.EndMS = f.mark.Times()
	f.out.Add(t)
	f.body, f.mark = f.body[:0], nil
}
