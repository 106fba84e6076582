package api_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/limit"
)

func TestDearRequestsOfAWorkspaceTakeTurns(t *testing.T) {
	begun, finish := make(chan string, 1), make(chan struct{})
	endpoint := func(path string, class limit.Class) api.Endpoint {
		return api.Endpoint{
			Name: path[1:], Method: http.MethodPost, Path: path, Class: class,
			Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
				if _, err := api.ReadBody(w, r); err != nil {
					return err
				}
				begun <- p.Workspace
				<-finish
				return nil
			},
		}
	}
	handler := api.Handler(api.Config{
		Verify: func(_ context.Context, bearer string) (access.Principal, error) {
			return access.Principal{Workspace: bearer, KeyID: bearer}, nil
		},
		Turns: &limit.Turns{}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}, endpoint("/store", limit.Heavy), endpoint("/search", limit.Search))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	long := strings.Repeat("x", 20<<10)
	ask := func(ctx context.Context, key, path, body string) {
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+key)
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	reached := func() bool {
		select {
		case <-begun:
			return true
		default:
			return false
		}
	}

	ended := make(chan struct{})
	go func() { ask(t.Context(), "loud", "/store", long); close(ended) }()
	<-begun
	for _, path := range []string{"/store", "/search"} {
		if ask(gone, "loud", path, long); reached() {
			t.Errorf("a second one got to %s", path)
		}
	}
	finish <- struct{}{}
	<-ended
	close(finish)
	for _, c := range []struct{ what, key, path, body string }{
		{"the next one", "loud", "/store", long},
		{"a search", "loud", "/search", "{}"},
		{"another workspace's", "quiet", "/store", long},
	} {
		if ask(t.Context(), c.key, c.path, c.body); !reached() {
			t.Errorf("%s did not get to %s", c.what, c.path)
		}
	}
}

// Only what is dear waits, and only for its own workspace.
func TestSmallRequestsAndOthersWaitForNoTurn(t *testing.T) {
	for _, c := range []struct{ what, key, body string }{
		{"a small body", "loud", "{}"},
		{"another workspace", "quiet", strings.Repeat("x", 20<<10)},
	} {
		t.Run(c.what, func(t *testing.T) {
			turns := &limit.Turns{}
			done, err := turns.Take(t.Context(), "loud")
			if err != nil {
				t.Fatal(err)
			}
			defer done()
			handler := api.Handler(api.Config{
				Verify: func(_ context.Context, bearer string) (access.Principal, error) {
					return access.Principal{Workspace: bearer, KeyID: bearer}, nil
				},
				Turns: turns, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
			}, api.Endpoint{Name: "store", Method: http.MethodPost, Path: "/store", Class: limit.Heavy,
				Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
					_, err := api.ReadBody(w, r)
					return err
				}})
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodPost, "/store", strings.NewReader(c.body))
			r.Header.Set("Authorization", "Bearer "+c.key)
			handler.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				t.Errorf("%d: %s", w.Code, w.Body)
			}
		})
	}
}
