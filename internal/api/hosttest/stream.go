package hosttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"griot/internal/api/sse"
)

// Stream is an open stream of events. It is over from the start when its
// reader has all of a session that has ended (204).
type Stream struct {
	io.Closer
	*sse.Reader
	Over bool
}

// Open begins a stream; last is the Last-Event-ID, or "".
func (h Host) Open(ctx context.Context, id, last string) (*Stream, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.Base+"/v1/sessions/"+id+"/transcript", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+h.Key)
	req.Header.Set("Accept", "text/event-stream")
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	over := resp.StatusCode == http.StatusNoContent
	if resp.StatusCode != http.StatusOK && !over {
		resp.Body.Close()
		return nil, fmt.Errorf("the stream answered %s", resp.Status)
	}
	return &Stream{resp.Body, sse.NewReader(resp.Body), over}, nil
}

// ReadCut collects a session's segments over connections that each break
// after n events.
func (h Host) ReadCut(id string, n int) (segments []string, err error) {
	for last := ""; ; {
		done, err := h.ReadSome(id, &last, &segments, n)
		if err != nil || done {
			return segments, err
		}
	}
}

// ReadSome reads up to n segments behind the event last over one connection,
// and reports whether the stream is done.
func (h Host) ReadSome(id string, last *string, segments *[]string, n int) (done bool, err error) {
	st, err := h.Open(context.Background(), id, *last)
	if err != nil {
		return false, err
	}
	defer st.Close()
	if st.Over {
		return true, nil
	}
	for seen := 0; seen < n; {
		e, err := st.Next()
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		switch e.Name {
		case "segment":
			*segments, *last = append(*segments, e.Data), e.ID
			seen++
		case "done":
			return true, nil
		}
	}
	return false, nil
}
