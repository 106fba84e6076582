// Package transcript has the words of a session: turns as a source gives
// them, and segments as griot keeps and serves them.
package transcript

import (
	"bytes"
	"encoding/json"
)

// MaxSegmentRunes is the most characters of one segment (contract E); longer
// turns of a file are split.
const MaxSegmentRunes = 10_000

// Turn is something said, as a file or a client gives it. Zero Speaker and
// Role, nil StartMS and EndMS mean that the source has none. Times are
// milliseconds from the start of the recording.
type Turn struct {
	Text    string `json:"text" is:"1..10000"`
	Speaker string `json:"speaker" is:"line ..200"`
	Role    string `json:"role" is:"line ..200"`
	StartMS *int64 `json:"start_ms" is:"0..9007199254740991"`
	// Not before the start.
	EndMS *int64 `json:"end_ms" is:"0..9007199254740991"`
}

// Segment is a turn that became durable: seq starts at 1 and has no gaps, and
// Range names the first and last byte, both included, of the turn's text in
// the artifact text (all texts joined by one newline). Its JSON is the same,
// byte for byte, wherever it is served; write it with [Marshal].
type Segment struct {
	// From 1 and without gaps, in the order in which segments became durable.
	Seq     int64   `json:"seq" is:"1.."`
	Speaker *string `json:"speaker"`
	Role    *string `json:"role"`
	StartMS *int64  `json:"start_ms"`
	EndMS   *int64  `json:"end_ms"`
	Text    string  `json:"text"`
	// The first and the last byte of the segment's text in the artifact's text,
	// as UTF-8.
	Range [2]int64 `json:"range"`
}

// NewSegment numbers a turn: seq, and offset as the first byte of its text in
// the artifact.
func NewSegment(t Turn, seq, offset int64) Segment {
	s := Segment{Seq: seq, StartMS: t.StartMS, EndMS: t.EndMS, Text: t.Text}
	if t.Speaker != "" {
		s.Speaker = &t.Speaker
	}
	if t.Role != "" {
		s.Role = &t.Role
	}
	s.Range = [2]int64{offset, offset + int64(len(t.Text)) - 1}
	return s
}

// Segments numbers the turns of a whole transcript.
func Segments(turns []Turn) []Segment {
	segs := make([]Segment, len(turns))
	offset := int64(0)
	for i, t := range turns {
		segs[i] = NewSegment(t, int64(i+1), offset)
		offset += int64(len(t.Text)) + 1 // the newline between two segments
	}
	return segs
}

// nextLine is U+0085, which lenient readers of server-sent events take for
// the end of a line. JSON escapes the others (controls, U+2028, U+2029) anyway.
const nextLine = "\u0085"

// Marshal returns v as compact JSON without HTML escapes and without a final
// newline, one line by anybody's reckoning: the one encoding of segments.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	line := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	return bytes.ReplaceAll(line, []byte(nextLine), []byte(`\u0085`)), nil
}

// SpeakerName returns the speaker or "".
func (s Segment) SpeakerName() string {
	if s.Speaker == nil {
		return ""
	}
	return *s.Speaker
}
