package worker_test

import (
	"bytes"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"griot/internal/blob"
	"griot/internal/idempotency"
)

var blobPut = blob.Put{}

// claim is the claim of a request whose body and answer have a word in them.
func claim(w *world, word string) *idempotency.Claim {
	return idempotency.New(idempotency.Request{
		Workspace: w.caller.Workspace, KeyID: "k", Method: "POST", Path: "/v1/sessions", Key: "1", Body: []byte(word),
	}, time.Now(), func(any) (idempotency.Answer, error) {
		return idempotency.Answer{Status: 201, Body: []byte(`"` + word + `"`)}, nil
	})
}

// scan returns every row and object that has a word in its key or content.
func scan(w *world, word string) (found []string) {
	w.t.Helper()
	ok(w.t, w.db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			return walk(string(name), b, func(path string, k, v []byte) {
				if bytes.Contains(k, []byte(word)) || bytes.Contains(v, []byte(word)) {
					found = append(found, path+": "+string(k))
				}
			})
		})
	}))
	objects, _, err := w.blobs.List(w.t.Context(), "", "")
	ok(w.t, err)
	for _, o := range objects {
		if strings.Contains(o.Key, word) || strings.Contains(readAll(w, o.Key), word) {
			found = append(found, o.Key)
		}
	}
	return found
}

func walk(path string, b *bbolt.Bucket, fn func(path string, k, v []byte)) error {
	return b.ForEach(func(k, v []byte) error {
		if v == nil {
			return walk(path+"/"+string(k), b.Bucket(k), fn)
		}
		fn(path, k, v)
		return nil
	})
}
