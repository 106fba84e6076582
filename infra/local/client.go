package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"griot/internal/api/sse"
	"griot/internal/extraction"
	"griot/internal/session"
	"griot/internal/session/upload"
	"griot/internal/transcript"
)

// client speaks the sessions API as any other client does.
type client struct{ base, key string }

// watchEvery is the pause between looks at the engine of a recording.
const watchEvery = time.Second

// transcription is how a recording stands with its engine.
type transcription struct {
	Engine, Status string
	StartedAt      time.Time `json:"started_at"`
	FinishedAt     time.Time `json:"finished_at"`
	Media          media
	Waiting        *struct {
		Code, Message string
		Until         time.Time
	}
}

// doing says what the engine is at, or when it is asked again.
func (t transcription) doing(now time.Time) string {
	switch w := t.Waiting; {
	case w != nil && w.Code == session.MinutesSpent:
		return "is asked on " + w.Until.UTC().Format("2006-01-02 (UTC)")
	case w != nil && w.Until.After(now):
		return "is asked again at " + w.Until.Local().Format(time.TimeOnly)
	case w != nil:
		return "is being asked again"
	case t.Status == "running":
		return "writes it down"
	}
	return "has it in its queue"
}

type media struct {
	Kind       string
	DurationMS *int64 `json:"duration_ms"`
}

// String says how long the recording is, where that is known.
func (m media) String() string {
	if m.DurationMS == nil {
		return ""
	}
	return fmt.Sprintf(" (%v of %s)", (time.Duration(*m.DurationMS) * time.Millisecond).Round(time.Second), m.Kind)
}

// ingest uploads the file, follows the transcript and prints the candidates.
func (c *client) ingest(ctx context.Context, in ingestInput, stdout, stderr io.Writer) error {
	uploadURL, err := c.upload(ctx, in)
	if err != nil {
		return err
	}
	body := map[string]string{"template": in.template, "title": in.title, "upload_url": uploadURL}
	if in.project != "" {
		body["project_id"] = in.project
	}
	var sess struct{ ID string }
	if err := c.call(ctx, http.MethodPost, "/v1/sessions", body, &sess); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s  %s\n\n", sess.ID, in.title)
	t := newTicker(stdout, stderr, in.all)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go c.watch(watching, sess.ID, t)
	if err := c.follow(ctx, sess.ID, t); err != nil {
		return err
	}
	return c.report(ctx, sess.ID, stdout)
}

// watch shows how the engine of a recording stands, until its words come, and
// what an extraction waits for.
func (c *client) watch(ctx context.Context, id string, t *ticker) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchEvery):
		}
		var sess struct {
			Status        string
			Transcription *transcription
		}
		if err := c.call(ctx, http.MethodGet, "/v1/sessions/"+id, nil, &sess); err != nil {
			continue // whoever follows the session says so
		}
		if tr := sess.Transcription; tr != nil {
			t.wait(*tr)
		}
		if sess.Status != "processing" {
			continue
		}
		var res extraction.Result
		if err := c.call(ctx, http.MethodGet, "/v1/sessions/"+id+"/extraction", nil, &res); err == nil && res.Status == extraction.Pending {
			t.warn(res.Warnings)
		}
	}
}

func (c *client) upload(ctx context.Context, in ingestInput) (string, error) {
	f, err := os.Open(in.file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if n := info.Size(); n < 1 || n > upload.MaxUpload {
		return "", fmt.Errorf("%s has %d bytes: files of 1 byte to 2 GB are taken", in.file, n)
	}
	var up struct {
		URL     string `json:"upload_url"`
		Method  string
		Headers map[string]string
	}
	err = c.call(ctx, http.MethodPost, "/v1/uploads", map[string]any{"size_bytes": info.Size()}, &up)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, up.Method, up.URL, f)
	if err != nil {
		return "", err
	}
	req.ContentLength = info.Size()
	for name, value := range up.Headers {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("uploading: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("uploading: the server answered %s", resp.Status)
	}
	return up.URL, nil
}

// follow reads the stream until the session is over; a stream that ends
// before that is resumed behind the last segment. Where nothing is left of a
// session that has ended there is no stream (204).
func (c *client) follow(ctx context.Context, id string, t *ticker) error {
	for last := int64(0); ; {
		resp, err := c.do(ctx, http.MethodGet, fmt.Sprintf("/v1/sessions/%s/transcript?format=sse&after=%d", id, last), nil)
		if err != nil {
			return err
		}
		done, err := readStream(resp.Body, func(seg transcript.Segment) { last = seg.Seq; t.show(seg) })
		resp.Body.Close()
		if done || resp.StatusCode == http.StatusNoContent || ctx.Err() != nil {
			t.end()
			return ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

func readStream(r io.Reader, segment func(transcript.Segment)) (done bool, err error) {
	for events := sse.NewReader(r); ; {
		e, err := events.Next()
		if err != nil {
			return false, nil // resumed by the caller
		}
		switch e.Name {
		case "segment":
			var seg transcript.Segment
			if err := json.Unmarshal([]byte(e.Data), &seg); err != nil {
				return false, fmt.Errorf("reading the stream: %w", err)
			}
			segment(seg)
		case "done":
			return true, nil
		}
	}
}

// report prints how the session ended and what was found.
func (c *client) report(ctx context.Context, id string, out io.Writer) error {
	var sess struct {
		Status  string
		Failure *struct{ Code, Message string }
		Reading *transcript.Reading

		Transcription *transcription
	}
	if err := c.call(ctx, http.MethodGet, "/v1/sessions/"+id, nil, &sess); err != nil {
		return err
	}
	if sess.Failure != nil {
		return fmt.Errorf("the session failed: %s: %s", sess.Failure.Code, sess.Failure.Message)
	}
	if tr := sess.Transcription; tr != nil {
		fmt.Fprintf(out, "\nwritten down by the engine %s in %v%s\n", tr.Engine, tr.FinishedAt.Sub(tr.StartedAt), tr.Media)
	}
	if sess.Reading != nil {
		printReading(out, *sess.Reading)
	}
	var res extraction.Result
	if err := c.call(ctx, http.MethodGet, "/v1/sessions/"+id+"/extraction", nil, &res); err != nil {
		return err
	}
	printResult(out, res)
	return nil
}

// call sends and receives JSON.
func (c *client) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	resp, err := c.do(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(out)
}

func (c *client) do(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	var problem struct{ Title, Detail string }
	_ = json.NewDecoder(resp.Body).Decode(&problem) // without a body the status says enough
	return nil, fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, problem.Detail)
}
