package api_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/errs"
	"griot/internal/limit"
)

// Of one address so many requests come without a key that is known that more of
// them are held, or lose their connection: one with a key is served at once.
func TestStrangersHoldUpNoKeyOfTheirAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := api.Handler(api.Config{
			Verify: func(_ context.Context, bearer string) (access.Principal, error) {
				if bearer == "good" {
					return access.Principal{Workspace: "ws_1", KeyID: "mk_live_1"}, nil
				}
				return access.Principal{}, errs.New(errs.Unauthenticated, "unknown key")
			},
			Strangers: &limit.Strangers{}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		}, serving(http.MethodGet, "/served", func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
			return api.WriteJSON(w, r, http.StatusOK, "served")
		}))
		ask := func(path, key string) (answer *httptest.ResponseRecorder, took time.Duration) {
			begun := time.Now()
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Header.Set("Authorization", "Bearer "+key)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			return w, time.Since(begun)
		}
		for range 1000 {
			if w, took := ask("/served", "wrong"); w.Code != http.StatusUnauthorized || took != 0 {
				t.Fatalf("within the burst: %d after %v", w.Code, took)
			}
		}
		for range 101 {
			go ask("/nowhere", "wrong")
		}
		synctest.Wait()
		for _, c := range []struct {
			path, key string
			status    int
			closed    string
		}{
			{"/served", "good", http.StatusOK, ""},
			{"/nowhere", "good", http.StatusNotFound, ""},
			{"/served", "wrong", http.StatusUnauthorized, "close"},
			{"/nowhere", "wrong", http.StatusNotFound, "close"},
		} {
			w, took := ask(c.path, c.key)
			if w.Code != c.status || w.Header().Get("Connection") != c.closed || took != 0 {
				t.Errorf("%s with the key %q: %d after %v, Connection %q", c.path, c.key, w.Code, took, w.Header().Get("Connection"))
			}
		}
		time.Sleep(100 * time.Millisecond)
		if w, took := ask("/served", "wrong"); w.Code != http.StatusUnauthorized || took == 0 {
			t.Errorf("behind those that wait: %d after %v", w.Code, took)
		}
	})
}
