package apitest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"griot/internal/api/sse"
)

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	value  any // the body as JSON, or the events of a stream; nil otherwise
}

func (r *runner) ask(ctx context.Context, s step) (answer, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := r.request(ctx, s)
	if err != nil {
		return answer{}, err
	}
	res, err := r.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }() // it was only read
	ans := answer{status: res.StatusCode, header: res.Header}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return ans, ans.readStream(res.Body, s.events)
	}
	data, err := io.ReadAll(res.Body)
	ans.body = string(data)
	// API Gateway calls it JSON even where there is none.
	if strings.Contains(res.Header.Get("Content-Type"), "json") && len(data) > 0 && err == nil {
		err = json.Unmarshal(data, &ans.value)
	}
	return ans, err
}

func (r *runner) request(ctx context.Context, s step) (*http.Request, error) {
	target, err := r.vars.expand(s.target)
	if err != nil {
		return nil, err
	}
	own := strings.HasPrefix(target, "/")
	if own {
		target = r.base + target
	}
	body, err := r.vars.expand(strings.TrimSuffix(s.body, "\n"))
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, s.method, target, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if own && s.as != "" {
		req.Header.Set("Authorization", "Bearer "+r.vars[s.as])
	}
	return req, r.setHeaders(req, s)
}

func (r *runner) setHeaders(req *http.Request, s step) error {
	for _, h := range s.headers {
		value, err := r.vars.expand(h[1])
		if err != nil {
			return err
		}
		req.Header.Set(h[0], value)
	}
	if s.headersFrom == "" {
		return nil
	}
	object, err := r.vars.expand(s.headersFrom)
	if err != nil {
		return err
	}
	more := map[string]string{}
	if err := json.Unmarshal([]byte(object), &more); err != nil {
		return fmt.Errorf("headers from %s: %w", object, err)
	}
	for name, value := range more {
		req.Header.Set(name, value)
	}
	return nil
}

// readStream reads server-sent events to the end, or so many of them. What
// is no event (retry, comments) is in the body only.
func (ans *answer) readStream(body io.Reader, most int) error {
	events := []any{}
	r := sse.NewReader(body)
	r.Keep()
	for most == 0 || len(events) < most {
		e, err := r.Next()
		ans.body, ans.value = r.Seen(), events
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		events = append(events, valueOf(e))
		ans.value = events
	}
	return nil
}

// valueOf is an event as it would be in JSON: the fields that it has.
func valueOf(e sse.Event) map[string]any {
	value := map[string]any{}
	for name, field := range map[string]string{"id": e.ID, "event": e.Name, "data": e.Data, "retry": e.Retry} {
		if field != "" {
			value[name] = field
		}
	}
	var data any
	if json.Unmarshal([]byte(e.Data), &data) == nil {
		value["data"] = data
	}
	return value
}

// explain adds the answer to an error.
func (ans answer) explain(err error) error {
	body := ans.body
	if len(body) > 1500 {
		body = body[:1500] + "…"
	}
	return fmt.Errorf("%w\n%d %v\n%s", err, ans.status, ans.header, body)
}
