package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"

	"griot/internal/task"
	"griot/internal/worker"
)

// notification is what S3 sends when objects were created. Event is set in
// the message by which S3 tries a new configuration only.
type notification struct {
	Event   string
	Records []struct {
		S3 *struct {
			Object struct {
				Key string `json:"key"`
			} `json:"object"`
		} `json:"s3"`
	}
}

// each gives the worker the job of a message, or the jobs of a notification.
// All objects of it are tried; the notification comes back if one fails, and
// the jobs of the others find nothing to do then.
func each(ctx context.Context, body string, w worker.Worker) error {
	keys, ok := created(body)
	if !ok {
		return w(ctx, []byte(body))
	}
	var failed []error
	for _, key := range keys {
		err := w(ctx, task.Message{Object: key}.Encode())
		if _, dropped := worker.Dropped(err); !dropped {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// created returns the keys of a notification, and whether the body is one.
func created(body string) (keys []string, ok bool) {
	var n notification
	if err := json.Unmarshal([]byte(body), &n); err != nil {
		return nil, false
	}
	for _, r := range n.Records {
		if r.S3 != nil {
			keys = append(keys, unescape(r.S3.Object.Key))
		}
	}
	return keys, keys != nil || n.Event == "s3:TestEvent"
}

// unescape reads a key as S3 writes it: in the encoding of forms, a blank
// being "+" (some of those that stand for S3 send "%20").
func unescape(key string) string {
	if plain, err := url.QueryUnescape(key); err == nil {
		return plain
	}
	return key
}
