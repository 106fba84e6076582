package conversationtest

import (
	"context"
	"iter"
	"strings"

	"griot/internal/conversation/bridge"
	"griot/internal/extraction"
	"griot/internal/table"
	"griot/internal/transcript"
)

// Session is one that remembers its conversation in a row of its
// own, as the real one's head does.
type Session struct {
	w        *World
	Segments []transcript.Segment
	Result   extraction.Result
	Stands   string // which result that is
	Changed  bool   // it has taken the place of an earlier one
	Whole    bool   // all passages have been added once
}

// Key is its row.
func (f *Session) Key() table.Key {
	return table.Key{Table: table.Sessions, PK: f.w.P.Workspace + "#ses_1", SK: "head"}
}

// Say adds segments of so many words, each with a time when it is not
// negative.
func (f *Session) Say(speaker string, startMS int64, text string) {
	turn := transcript.Turn{Speaker: speaker, Text: text}
	if startMS >= 0 {
		turn.StartMS = &startMS
	}
	offset := int64(0)
	if n := len(f.Segments); n > 0 {
		offset = f.Segments[n-1].Range[1] + 2
	}
	f.Segments = append(f.Segments, transcript.NewSegment(turn, int64(len(f.Segments)+1), offset))
}

// Bridge is what the worker does with a completed session.
func (f *Session) Bridge(ctx context.Context) error {
	item, err := f.w.Conversations.Table.Get(ctx, f.Key(), table.Consistent)
	if err != nil {
		return err
	}
	return f.w.Bridges.Bridge(ctx, f.w.P.Workspace, bridge.Input{
		Session: "ses_1", ArtifactURI: "mnemos://artifact/art_01ARZ3NDEKTSV4RRFFQ69G5FAV", Title: "The interview",
		At: Start, Conversation: item.Str("conversation"), Segments: f.Each(), Result: f.Result,
		Missing: !f.Whole, Changed: f.Changed, Stands: table.Check(f.Key(), table.Equal("extraction", f.Stands)),
	}, f.record)
}

// Extract gives the session another result.
func (f *Session) Extract(stands string, res extraction.Result) {
	f.w.T.Helper()
	_, err := f.w.Bare.Write(f.w.T.Context(), table.Update(f.Key(), table.Attrs{"extraction": stands}, table.Exists()))
	f.w.OK(err)
	f.Changed, f.Stands, f.Result = f.Stands != "", stands, res
}

// Each yields the segments.
func (f *Session) Each() iter.Seq2[transcript.Segment, error] {
	return func(yield func(transcript.Segment, error) bool) {
		for _, seg := range f.Segments {
			if !yield(seg, nil) {
				return
			}
		}
	}
}

func (f *Session) record(ctx context.Context, conversationID string, ops []table.Op) (string, error) {
	head := table.Update(f.Key(), table.Attrs{"conversation": conversationID}, table.Exists(), table.Missing("conversation"))
	err := table.Retry(ctx, 8, func() error { return f.w.Conversations.Table.Transact(ctx, append([]table.Op{head}, ops...)) })
	if failed := table.Failed(err); failed != nil && failed.Index == 0 {
		return failed.Old.Str("conversation"), nil
	}
	return conversationID, err
}

// NewSession returns a session that nothing was said in.
func NewSession(w *World) *Session {
	f := &Session{w: w}
	_, err := w.Bare.Write(w.T.Context(), table.Put(f.Key(), table.Attrs{"x": "y"}))
	w.OK(err)
	f.Extract("first", extraction.Result{})
	return f
}

// Sentence has so many words.
func Sentence(words int, about string) string {
	return strings.TrimSpace(strings.Repeat("word ", words-1)) + " " + about
}

// Sure is a candidate that is sure enough for a topic, cited in segments.
func Sure(seqs ...int64) extraction.Common {
	c := extraction.Common{Confidence: 0.6}
	for _, seq := range seqs {
		c.Citations = append(c.Citations, extraction.Citation{Seq: seq})
	}
	return c
}
