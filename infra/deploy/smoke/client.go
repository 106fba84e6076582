package smoke

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"griot/internal/api/sse"
)

// client speaks both APIs as any other client does.
type client struct {
	base, key string
	http      *http.Client
}

// answer is one that has been read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// open sends a request and leaves its answer to be read.
func (c client) open(ctx context.Context, method, path string, body []byte, headers ...string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return c.http.Do(req)
}

// ask sends a request and reads its answer. Where it is told to come again it
// does, as every client should: a few times to a service that is busy, for as
// long as the step lasts while it is over its limits.
func (c client) ask(ctx context.Context, method, path string, body []byte, headers ...string) (answer, error) {
	for tries := 1; ; tries++ {
		a, err := c.once(ctx, method, path, body, headers...)
		if err != nil {
			return a, fmt.Errorf("%s %s: %w", method, path, err)
		}
		wait, err := strconv.Atoi(a.header.Get("Retry-After"))
		again := a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable && tries < 5
		if !again || err != nil {
			return a, nil
		}
		select {
		case <-ctx.Done():
			return a, nil
		case <-time.After(time.Duration(wait) * time.Second):
		}
	}
}

func (c client) once(ctx context.Context, method, path string, body []byte, headers ...string) (answer, error) {
	resp, err := c.open(ctx, method, path, body, headers...)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, data}, err
}

// call sends JSON, wants a status, and decodes the answer into out, unless
// that is nil.
func (c client) call(ctx context.Context, method, path string, in any, status int, out any) (http.Header, error) {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return nil, err
		}
	}
	a, err := c.ask(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	if a.status != status {
		return nil, fmt.Errorf("%s %s: %d, want %d: %.300s", method, path, a.status, status, a.body)
	}
	if out == nil {
		return a.header, nil
	}
	if err := json.Unmarshal(a.body, out); err != nil {
		return nil, fmt.Errorf("%s %s: reading the answer: %w", method, path, err)
	}
	return a.header, nil
}

// refusal is an error in either dialect, as much of it as tells them apart.
type refusal struct {
	Type, Error, Code string
	Status            int
}

// refused sends a request that must be refused with a status, in the dialect
// of its path.
func (c client) refused(ctx context.Context, method, path string, body []byte, status int) error {
	a, err := c.ask(ctx, method, path, body)
	if err != nil {
		return err
	}
	if a.status != status {
		return fmt.Errorf("%s %s: %d, want %d: %.300s", method, path, a.status, status, a.body)
	}
	var told refusal
	if err := json.Unmarshal(a.body, &told); err != nil {
		return fmt.Errorf("%s %s: %d whose body is no JSON: %.300s", method, path, a.status, a.body)
	}
	problem := told.Type != "" && told.Status == status
	if strings.HasPrefix(path, "/v1/") && !problem || strings.HasPrefix(path, "/api/") && (told.Error == "" || told.Code == "") {
		return fmt.Errorf("%s %s: %d in another dialect than its path's: %.300s", method, path, a.status, a.body)
	}
	return nil
}

// at returns the path below the base that a Location names.
func (c client) at(location string) (string, error) {
	base, err := url.Parse(c.base + "/")
	if err != nil {
		return "", err
	}
	full, err := base.Parse(location)
	if err != nil {
		return "", fmt.Errorf("the Location %q is no URL: %w", location, err)
	}
	path, ok := strings.CutPrefix(full.String(), c.base)
	if location == "" || !ok {
		return "", fmt.Errorf("the Location %q leads away from %s", location, c.base)
	}
	return path, nil
}

// stream is an open stream of events.
type stream struct {
	io.Closer
	*sse.Reader
}

// listen opens the stream of a session's transcript behind an event, "" for
// all of it.
func (c client) listen(ctx context.Context, session, last string) (*stream, error) {
	headers := []string{"Accept", "text/event-stream"}
	if last != "" {
		headers = append(headers, "Last-Event-ID", last)
	}
	resp, err := c.open(ctx, http.MethodGet, "/v1/sessions/"+session+"/transcript", nil, headers...)
	if err != nil {
		return nil, err
	}
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/event-stream") {
		resp.Body.Close()
		return nil, fmt.Errorf("the stream answers %s, %s", resp.Status, kind)
	}
	return &stream{resp.Body, sse.NewReader(resp.Body)}, nil
}

// segment returns the next event that is a segment, or the one that says that
// there are no more.
func (s *stream) segment() (sse.Event, error) {
	for {
		e, err := s.Next()
		if err != nil {
			return e, fmt.Errorf("the stream broke off: %w", err)
		}
		if e.Name == "segment" || e.Name == "done" {
			return e, nil
		}
	}
}
