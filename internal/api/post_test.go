package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/disk"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/table"
	"griot/internal/table/bolt"
)

// counter is a domain with one effect: a row that counts.
type counter struct {
	store table.Store
	calls atomic.Int32
	err   error  // of all calls, instead of an effect
	ready func() // called before the effect
}

type addRequest struct {
	N int64 `json:"n"`
}

var countRow = table.Key{Table: table.Sessions, PK: "ws_1#count", SK: "count"}

func (c *counter) add(r *http.Request, p access.Principal, req addRequest, claim *idempotency.Claim) (int64, error) {
	c.calls.Add(1)
	if c.err != nil {
		return 0, c.err
	}
	item, err := c.store.Get(r.Context(), countRow, table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return 0, err
	}
	total := item.Int("n") + req.N
	ops, err := claim.Ops(total, table.Key{Table: table.Sessions, PK: "ws_1#owner"})
	if err != nil {
		return 0, err
	}
	if c.ready != nil {
		c.ready()
	}
	err = c.store.Transact(r.Context(), append(ops, table.Put(countRow, table.Attrs{"n": total})))
	return total, err
}

func newStore(t *testing.T) table.Store {
	t.Helper()
	db, err := disk.Open(filepath.Join(t.TempDir(), "db"), disk.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	store, err := bolt.New(db, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func counting(t *testing.T) (*counter, http.Handler) {
	t.Helper()
	c := &counter{store: newStore(t)}
	post := api.Post[addRequest, int64]{
		Name: "count-add", Path: "/v1/count", Do: c.add,
		Answer: func(total int64) (idempotency.Answer, error) {
			return api.Created("/v1/count/<1>", map[string]any{"total": total, "text": "<&>"})
		},
	}
	return c, api.Handler(api.Config{
		Verify: func(_ context.Context, bearer string) (access.Principal, error) {
			return access.Principal{Workspace: "ws_1", KeyID: bearer}, nil
		},
		Table: c.store, Now: func() time.Time { return now },
	}, post.Endpoint())
}

func add(h http.Handler, bearer, key, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/v1/count", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+bearer)
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestReplayHasTheSameBytes(t *testing.T) {
	c, h := counting(t)
	first := add(h, "a", "k", `{"n":3}`)
	again := add(h, "a", "k", `{"n":3}`)
	if first.Code != 201 || again.Code != 201 || first.Body.String() != again.Body.String() {
		t.Errorf("%d %s, then %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	if first.Header().Get("Idempotent-Replayed") != "" || again.Header().Get("Idempotent-Replayed") != "true" {
		t.Error("Idempotent-Replayed is wrong")
	}
	for _, name := range []string{"Location", "Content-Type", "Content-Length"} {
		if v := first.Header().Get(name); v == "" || v != again.Header().Get(name) {
			t.Errorf("%s: %q, then %q", name, v, again.Header().Get(name))
		}
	}
	if c.calls.Load() != 1 {
		t.Errorf("%d effects", c.calls.Load())
	}
}

func TestAKeyBelongsToItsCallerAndBody(t *testing.T) {
	_, h := counting(t)
	add(h, "a", "k", `{"n":3}`)
	if w := add(h, "a", "k", `{"n": 3}`); w.Code != 422 || !strings.Contains(w.Body.String(), "unprocessable_entity") {
		t.Errorf("another body: %d %s", w.Code, w.Body)
	}
	if w := add(h, "b", "k", `{"n":3}`); w.Code != 201 || w.Header().Get("Idempotent-Replayed") != "" {
		t.Errorf("another caller: %d %s", w.Code, w.Body)
	}
	if w := add(h, "a", "", `{"n":3}`); w.Code != 201 || w.Header().Get("Idempotent-Replayed") != "" {
		t.Errorf("no key: %d %s", w.Code, w.Body)
	}
}

func TestFailuresAreNotStored(t *testing.T) {
	c, h := counting(t)
	c.err = errs.New(errs.Conflict, "not now")
	if w := add(h, "a", "k", `{"n":3}`); w.Code != 409 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := add(h, "a", "k2", `{"n":"x"}`); w.Code != 400 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	c.err = nil
	for _, key := range []string{"k", "k2"} {
		if w := add(h, "a", key, `{"n":3}`); w.Code != 201 {
			t.Errorf("%s: %d %s", key, w.Code, w.Body)
		}
	}
}

func TestTwinsHaveOneEffect(t *testing.T) {
	c, h := counting(t)
	answers := make([]*httptest.ResponseRecorder, 4)
	var arrived, running sync.WaitGroup
	arrived.Add(len(answers))
	c.ready = func() { arrived.Done(); arrived.Wait() } // all missed the record
	for i := range answers {
		running.Go(func() { answers[i] = add(h, "a", "k", `{"n":3}`) })
	}
	running.Wait()
	for _, w := range answers {
		if w.Code != 201 || w.Body.String() != answers[0].Body.String() {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	item, err := c.store.Get(t.Context(), countRow, table.Consistent)
	if err != nil || item.Int("n") != 3 {
		t.Errorf("the count is %d, %v", item.Int("n"), err)
	}
}

func TestIdempotencyKeysAreChecked(t *testing.T) {
	_, h := counting(t)
	for key, want := range map[string]int{strings.Repeat("k", 255): 201, strings.Repeat("k", 256): 400} {
		if w := add(h, "a", key, `{"n":1}`); w.Code != want {
			t.Errorf("%d bytes: %d %s", len(key), w.Code, w.Body)
		}
	}
	for _, values := range [][]string{{""}, {"a", "b"}, {"clé"}, {"\xff"}} {
		r := httptest.NewRequest("POST", "/v1/count", strings.NewReader(`{"n":1}`))
		r.Header["Idempotency-Key"] = values
		r.Header.Set("Authorization", "Bearer a")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 400 {
			t.Errorf("%q: %d %s", values, w.Code, w.Body)
		}
	}
}

// A secret is answered once; what is stored lacks it, and Replay may put
// something new in its place.
func TestSecretsAreNotStored(t *testing.T) {
	type made struct{ ID, Secret string }
	store := newStore(t)
	post := api.Post[api.NoBody, made]{
		Name: "made", Path: "/v1/made",
		Do: func(r *http.Request, _ access.Principal, _ api.NoBody, claim *idempotency.Claim) (made, error) {
			m := made{"1", "first"}
			return m, claim.Store(r.Context(), store, m, table.Key{Table: table.Sessions, PK: "ws_1#owner"})
		},
		Answer: func(m made) (idempotency.Answer, error) { return api.JSONAnswer(200, m) },
		Keep:   func(m made) made { m.Secret = ""; return m },
		Replay: func(_ *http.Request, _ access.Principal, stored idempotency.Answer) (idempotency.Answer, error) {
			var m made
			if err := json.Unmarshal(stored.Body, &m); err != nil || m.Secret != "" {
				t.Errorf("stored: %s, %v", stored.Body, err)
			}
			return api.JSONAnswer(stored.Status, made{m.ID, "second"})
		},
	}
	h := api.Handler(api.Config{
		Verify: func(context.Context, string) (access.Principal, error) {
			return access.Principal{Workspace: "ws_1", KeyID: "k"}, nil
		},
		Table: store,
	}, post.Endpoint())
	for _, want := range []string{`{"ID":"1","Secret":"first"}`, `{"ID":"1","Secret":"second"}`} {
		r := httptest.NewRequest("POST", "/v1/made", strings.NewReader("ignored, whatever it is"))
		r.Header.Set("Idempotency-Key", "k")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 || w.Body.String() != want {
			t.Errorf("%d %s, want %s", w.Code, w.Body, want)
		}
	}
}

func TestABodyMayBeOptional(t *testing.T) {
	c := &counter{store: newStore(t)}
	for _, optional := range []bool{true, false} {
		post := api.Post[addRequest, int64]{
			Name: "count-add", Path: "/v1/count", Do: c.add, BodyOptional: optional,
			Answer: func(total int64) (idempotency.Answer, error) { return api.JSONAnswer(http.StatusOK, total) },
		}
		h := newHost(post.Endpoint())
		for body, want := range map[string]int{"": 400, " \n": 400, "null": 400, `{}`: 200} {
			if optional && strings.TrimSpace(body) == "" {
				want = 200
			}
			if w := h.do("POST", "/v1/count", body); w.Code != want {
				t.Errorf("optional %v: %q: %d, want %d", optional, body, w.Code, want)
			}
		}
	}
}
