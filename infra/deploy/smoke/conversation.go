package smoke

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// A timeline of this is more than Lambda or the gateway hold, and more than
// the gateway lets through at full speed.
const (
	memories   = 215
	memorySize = 49_000
)

func (r *run) longTimeline(ctx context.Context) (string, error) {
	begun := time.Now()
	id, err := r.remember(ctx)
	if err != nil {
		return "", err
	}
	written := time.Since(begun)
	begun = time.Now()
	// Each in the order of its list: of memories, the newest are first.
	size, first, err := r.read(ctx, "/api/conversations/"+id+"/timeline", false)
	if err != nil {
		return "", err
	}
	read := time.Since(begun)
	if _, _, err := r.read(ctx, "/api/memories?limit=1000&conversationId="+id, true); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d memories written in %v; %.1f MB of timeline in %v, the first byte after %v", memories, written.Round(time.Millisecond),
		float64(size)/1e6, read.Round(time.Millisecond), first.Round(time.Millisecond)), nil
}

// remember writes memories into a new conversation, a few at once.
func (r *run) remember(ctx context.Context) (conversation string, err error) {
	filler := strings.Repeat(" peat", memorySize/len(" peat"))
	write := func(ctx context.Context, conversation string, n int) (string, error) {
		var made struct {
			Meta struct{ ConversationID string }
		}
		in := map[string]string{"conversationId": conversation, "content": fmt.Sprintf("%06d %s%s", n, r.word, filler)}
		_, err := r.client.call(ctx, http.MethodPost, "/api/memories", in, http.StatusCreated, &made)
		return made.Meta.ConversationID, err
	}
	if conversation, err = write(ctx, "NEW", 0); err != nil {
		return "", err
	}
	r.conversations = append(r.conversations, conversation)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for n := 1; n < memories; n++ {
		group.Go(func() error {
			_, err := write(ctx, conversation, n)
			return err
		})
	}
	return conversation, group.Wait()
}

// read reads a list of all memories to its end, and says how large it is and
// when it began.
func (r *run) read(ctx context.Context, path string, reversed bool) (size int64, first time.Duration, err error) {
	begun := time.Now()
	resp, err := r.client.open(ctx, http.MethodGet, path, nil)
	if err != nil {
		return 0, 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, 0, fmt.Errorf("%s: %s", path, resp.Status)
	}
	body := &counted{r: resp.Body, begun: begun}
	var list struct {
		Data []struct{ Content, CreatedAt string }
	}
	if err := json.NewDecoder(body).Decode(&list); err != nil {
		return 0, 0, fmt.Errorf("%s broke off after %d bytes: %w", path, body.n, err)
	}
	known := map[string]bool{}
	for i, m := range list.Data {
		known[m.Content[:min(6, len(m.Content))]] = len(m.Content) > memorySize-10
		if i > 0 && m.CreatedAt != list.Data[i-1].CreatedAt && m.CreatedAt < list.Data[i-1].CreatedAt != reversed {
			return 0, 0, fmt.Errorf("%s: memory %d is out of order", path, i)
		}
	}
	for n := range memories {
		if !known[fmt.Sprintf("%06d", n)] {
			return 0, 0, fmt.Errorf("%s has %d memories, but not number %d", path, len(list.Data), n)
		}
	}
	return body.n, body.first, nil
}

// counted counts what is read, and notes when that begins.
type counted struct {
	r     io.Reader
	begun time.Time
	first time.Duration
	n     int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.n == 0 {
		c.first = time.Since(c.begun)
	}
	c.n += int64(n)
	return n, err
}

// remove deletes all that was made, and waits until the receipts say that
// nothing of it is left.
func (r *run) remove(ctx context.Context) (string, error) {
	receipts, err := r.forget(ctx)
	if err != nil {
		return "", err
	}
	var items, objects, entries int64
	for _, id := range receipts {
		err := await(ctx, "the receipt "+id, func() (bool, error) {
			var seen struct {
				Status  string
				Removed struct {
					Items   int64 `json:"table_items"`
					Objects int64
					Entries int64 `json:"index_entries"`
				}
			}
			_, err := r.client.call(ctx, http.MethodGet, "/v1/deletions/"+id, nil, http.StatusOK, &seen)
			if seen.Status != "done" {
				return false, err
			}
			items, objects, entries = items+seen.Removed.Items, objects+seen.Removed.Objects, entries+seen.Removed.Entries
			return true, err
		})
		if err != nil {
			return "", err
		}
	}
	var hits struct{ Data []any }
	if _, err := r.client.call(ctx, http.MethodPost, "/api/conversations/search", map[string]any{"query": r.word}, http.StatusOK, &hits); err != nil {
		return "", err
	}
	if len(hits.Data) > 0 {
		return "", fmt.Errorf("the search still finds %d conversations", len(hits.Data))
	}
	return fmt.Sprintf("%d receipts are done: %d rows, %d objects, %d entries of the index", len(receipts), items, objects, entries), nil
}

// forget deletes all that was made, and returns the receipts. What is deleted
// is not deleted again.
func (r *run) forget(ctx context.Context) (receipts []string, err error) {
	for len(r.sessions) > 0 {
		var deletion struct{ ID string }
		if _, err := r.client.call(ctx, http.MethodDelete, "/v1/sessions/"+r.sessions[0], nil, http.StatusAccepted, &deletion); err != nil {
			return nil, err
		}
		receipts, r.sessions = append(receipts, deletion.ID), r.sessions[1:]
	}
	for len(r.conversations) > 0 {
		header, err := r.client.call(ctx, http.MethodDelete, "/api/conversations/"+r.conversations[0], nil, http.StatusNoContent, nil)
		if err != nil {
			return nil, err
		}
		receipts, r.conversations = append(receipts, header.Get("Griot-Deletion-Id")), r.conversations[1:]
	}
	return receipts, nil
}
