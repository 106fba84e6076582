package capture

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/schema"
	"griot/internal/session"
	"griot/internal/transcript"
)

// documentHead is the transcript document up to its segments (contract E).
type documentHead struct {
	SessionID   string         `json:"session_id"`
	ArtifactURI string         `json:"artifact_uri"`
	Status      session.Status `json:"status"`
	// Whether the session is completed.
	Complete bool    `json:"complete"`
	Language *string `json:"language"`
	Duration *int64  `json:"duration_seconds"`
	LastSeq  int64   `json:"last_seq"`
	// How the file was read; null for a live session and until it is read.
	Reading schema.Encoded[*transcript.Reading] `json:"reading"`
}

// Document is all of it. It is written in parts.
type Document struct {
	documentHead
	Segments []transcript.Segment `json:"segments"`
	// The texts of all segments, joined by one line feed.
	Text string `json:"text"`
}

// OpenDocument returns the transcript document: the stored object of a
// completed session, else one put together from the rows. The caller closes
// it.
func (s *Service) OpenDocument(ctx context.Context, p access.Principal, sessionID string) (session.Session, io.ReadCloser, error) {
	sess, err := s.Sessions.Get(ctx, p, sessionID)
	if err != nil {
		return session.Session{}, nil, err
	}
	if sess.Status == session.Scheduled {
		return session.Session{}, nil, errs.New(errs.Conflict, "the session is scheduled: it has no transcript yet")
	}
	if sess.Status == session.Completed {
		body, _, err := s.Sessions.Blobs.Get(ctx, sess.DocumentKey)
		if err != nil {
			return session.Session{}, nil, fmt.Errorf("opening the transcript document: %w", err)
		}
		return sess, body, nil
	}
	return sess, s.Assemble(ctx, sess), nil
}

// Assemble streams the document of a session as it stands in sess.
func (s *Service) Assemble(ctx context.Context, sess session.Session) io.ReadCloser {
	r, w := io.Pipe()
	go func() {
		w.CloseWithError(s.writeBuffered(ctx, w, sess))
	}()
	return r
}

// writeBuffered turns a panic into an error: its goroutine has nobody else to
// catch it.
func (s *Service) writeBuffered(ctx context.Context, w io.Writer, sess session.Session) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("writing the document panicked: %v", p)
		}
	}()
	buf := bufio.NewWriterSize(w, 32<<10)
	if err := s.writeDocument(ctx, buf, sess); err != nil {
		return err
	}
	return buf.Flush()
}

// writeDocument reads the segments twice, for segments and for text, so that
// no transcript is ever whole in memory.
func (s *Service) writeDocument(ctx context.Context, w *bufio.Writer, sess session.Session) error {
	head := documentHead{
		SessionID: sess.ID, ArtifactURI: sess.ArtifactURI(), Status: sess.Status,
		Complete: sess.Status == session.Completed, LastSeq: sess.LastSeq, Reading: schema.Encoded[*transcript.Reading]{RawMessage: sess.Reading},
	}
	if sess.Language != "" {
		head.Language = &sess.Language
	}
	if sess.DurationSeconds >= 0 {
		head.Duration = &sess.DurationSeconds
	}
	data, err := transcript.Marshal(head)
	if err != nil {
		return err
	}
	_, _ = w.Write(data[:len(data)-1]) // the error of a bufio.Writer stays until Flush
	_, _ = w.WriteString(`,"segments":[`)
	if err := s.eachLine(ctx, sess, func(line Line) error {
		comma(w, line)
		_, err := w.Write(line.JSON)
		return err
	}); err != nil {
		return err
	}
	_, _ = w.WriteString(`],"text":"`)
	if err := s.eachLine(ctx, sess, func(line Line) error { return writeText(w, line) }); err != nil {
		return err
	}
	_, err = w.WriteString(`"}`)
	return err
}

func comma(w *bufio.Writer, line Line) {
	if line.Seq > 1 {
		_ = w.WriteByte(',')
	}
}

func (s *Service) eachLine(ctx context.Context, sess session.Session, fn func(Line) error) error {
	for line, err := range s.lines(ctx, sess.Ref(), 0, sess.LastSeq) {
		if err != nil {
			return err
		}
		if err := fn(line); err != nil {
			return err
		}
	}
	return nil
}

// writeText writes a segment's text as a part of the JSON string that joins
// all of them.
func writeText(w *bufio.Writer, line Line) error {
	var seg struct {
		Text json.RawMessage `json:"text"`
	}
	if err := json.Unmarshal(line.JSON, &seg); err != nil {
		return fmt.Errorf("decoding segment %d: %w", line.Seq, err)
	}
	if line.Seq > 1 {
		_, _ = w.WriteString(`\n`)
	}
	_, err := w.Write(seg.Text[1 : len(seg.Text)-1])
	return err
}
