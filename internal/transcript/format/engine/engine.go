// Package engine reads the JSON of transcription engines, and griot's own.
package engine

import (
	"slices"
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// Is looks at the first two characters, as plain text may begin with a
// bracket too.
func Is(head string) bool {
	head = strings.TrimLeft(head, " \t\r\n")
	if head == "" {
		return false
	}
	next := strings.TrimLeft(head[1:], " \t\r\n")
	switch head[0] {
	case '{':
		return next == "" || strings.IndexByte(`"'}`, next[0]) >= 0
	case '[':
		return next == "" || strings.IndexByte(`{["]`, next[0]) >= 0
	}
	return false
}

// An engine is one shape of JSON: the paths that it is found under, and what
// to do with the values there.
type engine map[string]func(*found, *cursor) error

// engines are all shapes that are read. A path belongs to one of them only.
var engines = []engine{amazon, whisper, assemblyAI, deepgram}

// found is what a JSON file turned out to have. Many have the same words more
// than once, in no certain order; best tells which are taken.
type found struct {
	known      bool  // some words were where an engine has them
	left       int64 // bytes of words that may still be held
	room       int   // entries and words that may still be held
	language   string
	durationMS *int64
	labels     map[string]string

	utterances []transcript.Turn // cut by the engine
	paragraphs []transcript.Turn // the same, second best
	groups     []wordGroup       // to be cut by us
	amazon     amazonFile
	whole      []string // without times
}

// Parse takes what the engine itself calls an utterance, segment or
// paragraph as one turn each; only words without such are grouped by speaker,
// pause and sentence.
func Parse(src *source.Source, out *turn.Collector) error {
	f := &found{left: src.Limit * 4, room: turn.MaxPieces} // the same words in up to four places
	if err := f.read(newCursor(src)); err != nil {
		return err
	}
	if !f.known {
		return source.NewError(source.UnsupportedFormat, 0, "The file is JSON, but not that of Amazon Transcribe, "+
			"Whisper, Deepgram, AssemblyAI or griot.")
	}
	for _, t := range f.best() {
		out.Add(t)
	}
	out.SetLanguage(f.language)
	out.DurationMS = f.durationMS
	out.Reading.Layout = "segments"
	return nil
}

// read walks over the file. A file that is one list is a list of segments.
func (f *found) read(c *cursor) error {
	t, err := c.token()
	if err != nil {
		return err
	}
	switch t {
	case delimObject:
		err = c.rest(func() error { return f.member(c, "") })
	case delimArray:
		f.known = true
		err = c.rest(func() error { return f.append(c, &f.utterances, 1000) })
	default:
		return c.fail("should have an object or a list")
	}
	if err != nil {
		return err
	}
	return c.end()
}

// member reads one member of the object at path: by its engine, by walking
// down when an engine knows something below, or not at all.
func (f *found) member(c *cursor, path string) error {
	key, err := c.token()
	if err != nil {
		return err
	}
	name, _ := key.(string)
	path += name
	below := false
	for _, e := range engines {
		if read := e[path]; read != nil {
			return read(f, c)
		}
		for p := range e {
			below = below || strings.HasPrefix(p, path+".")
		}
	}
	if !below {
		return c.skip()
	}
	return f.descend(c, path+".")
}

// descend walks into an object; anything else has nothing that is looked for.
func (f *found) descend(c *cursor, path string) error {
	t, err := c.token()
	if err != nil {
		return err
	}
	switch t {
	case delimObject:
		return c.rest(func() error { return f.member(c, path) })
	case delimArray:
		return c.rest(c.skip)
	}
	return nil
}

// best picks the most of what the file has.
func (f *found) best() []transcript.Turn {
	for _, turns := range []func() []transcript.Turn{
		func() []transcript.Turn { return f.utterances },
		f.amazon.turns,
		func() []transcript.Turn { return f.paragraphs },
		func() []transcript.Turn { return cutWords(f.groups) },
	} {
		if ts := turns(); slices.ContainsFunc(ts, hasWords) {
			return ts
		}
	}
	var ts []transcript.Turn
	for _, text := range f.whole {
		for part := range strings.SplitSeq(text, "\n\n") {
			ts = append(ts, transcript.Turn{Text: part})
		}
	}
	return ts
}

func hasWords(t transcript.Turn) bool { return !turn.IsBlank(t.Text) }

// list reads a list of entries.
func (f *found) list(c *cursor, to *[]transcript.Turn, scale float64) error {
	f.known = true
	return c.array(func() error { return f.append(c, to, scale) })
}

func (f *found) append(c *cursor, to *[]transcript.Turn, scale float64) error {
	t, err := f.entry(c, scale)
	*to = append(*to, t)
	return f.count(c, err)
}

// count passes err on, and fails when too much is held.
func (f *found) count(c *cursor, err error) error {
	if f.room--; f.room < 0 && err == nil {
		return c.in.source.TooLarge()
	}
	return err
}

// entry reads what most engines call an utterance or a segment; its start and
// end are in units of scale milliseconds.
func (f *found) entry(c *cursor, scale float64) (t transcript.Turn, err error) {
	channel := ""
	err = c.object(func(key string) (err error) {
		switch key {
		case "text", "transcript", "body":
			t.Text, err = f.words(c)
		case "speaker", "speaker_label":
			t.Speaker, err = c.label()
		case "channel_label":
			channel, err = c.label()
		case "role":
			t.Role, err = c.text()
		case "start", "start_time", "startTime":
			t.StartMS, err = c.ms(scale)
		case "end", "end_time", "endTime":
			t.EndMS, err = c.ms(scale)
		case "start_ms":
			t.StartMS, err = c.ms(1)
		case "end_ms":
			t.EndMS, err = c.ms(1)
		case "offsets": // whisper.cpp
			err = c.object(func(key string) error { return f.offset(c, &t, key) })
		case "words": // WhisperX may name the speaker only here
			err = c.array(func() error { return f.wordSpeaker(c, &t) })
		default:
			err = c.skip()
		}
		return err
	})
	if t.Speaker == "" {
		t.Speaker = channel
	}
	return t, err
}

// words reads text and counts it.
func (f *found) words(c *cursor) (string, error) {
	s, err := c.text()
	if f.left -= int64(len(s)); f.left < 0 && err == nil {
		err = c.in.source.TooLarge()
	}
	return s, err
}

// speaker reads a label and keeps one copy of each.
func (f *found) speaker(c *cursor) (string, error) {
	s, err := c.label()
	if kept, ok := f.labels[s]; ok {
		return kept, err
	}
	if f.labels == nil {
		f.labels = map[string]string{}
	}
	f.labels[s] = s
	return s, err
}
