// Package attack asks a host for what is dear to it, as fast as it can, with
// one key: it shows what that key's limits and quotas leave to the others.
package attack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Client speaks both APIs with a key, and takes every answer as it comes: it
// neither waits nor asks again.
type Client struct {
	Base, Key string
	HTTP      *http.Client
}

// Ask sends a request and returns the status and body of its answer; the status
// is 0 when there was none.
func (c Client) Ask(ctx context.Context, method, path string, body []byte) (status int, answer []byte) {
	return c.send(ctx, method, c.Base+path, body, http.Header{"Authorization": {"Bearer " + c.Key}})
}

func (c Client) send(ctx context.Context, method, url string, body []byte, header http.Header) (status int, answer []byte) {
	resp, err := c.open(ctx, method, url, body, header)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil
	}
	return resp.StatusCode, answer
}

// open leaves the answer to be read.
func (c Client) open(ctx context.Context, method, url string, body []byte, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = header
	return c.HTTP.Do(req)
}

// make sends a request that has to be served, and decodes its answer.
func (c Client) make(ctx context.Context, method, path, body string, out any) error {
	status, answer := c.Ask(ctx, method, path, []byte(body))
	if status < 200 || status > 299 {
		return fmt.Errorf("%s %s: %d: %.200s", method, path, status, answer)
	}
	return json.Unmarshal(answer, out)
}

// made is what is new.
type made struct {
	ID        string
	UploadURL string `json:"upload_url"`
	Headers   map[string]string
}

// Live makes a live session.
func (c Client) Live(ctx context.Context) (id string, err error) {
	var session made
	err = c.make(ctx, http.MethodPost, "/v1/sessions",
		`{"template":"open_exploration","title":"Talk","interviewee_email":"ann@acme.com"}`, &session)
	return session.ID, err
}

// Upload announces a file, sends it and starts a session that reads it. It
// returns the session, or the first status that was none of success.
func (c Client) Upload(ctx context.Context, content []byte) (id string, status int) {
	var upload, session made
	status, answer := c.Ask(ctx, http.MethodPost, "/v1/uploads", fmt.Appendf(nil, `{"size_bytes":%d}`, len(content)))
	if status != http.StatusCreated || json.Unmarshal(answer, &upload) != nil {
		return "", status
	}
	header := http.Header{}
	for name, value := range upload.Headers {
		header.Set(name, value)
	}
	if status, _ = c.send(ctx, http.MethodPut, upload.UploadURL, content, header); status != http.StatusOK {
		return "", status
	}
	status, answer = c.Ask(ctx, http.MethodPost, "/v1/sessions", fileSession(upload.UploadURL))
	if status != http.StatusCreated || json.Unmarshal(answer, &session) != nil {
		return "", status
	}
	return session.ID, status
}

// fileSession is the body that makes a session of what is at a URL.
func fileSession(url string) []byte {
	return fmt.Appendf(nil, `{"template":"operational_workflow","title":"File","upload_url":%q}`, url)
}
