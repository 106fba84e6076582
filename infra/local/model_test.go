package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"griot/internal/api/hosttest"
)

// modelServer speaks as OpenAI's does. It answers each request with the same
// object, or not before it ends.
func modelServer(t *testing.T, object string) (url string, asked <-chan struct{}) {
	t.Helper()
	requests := make(chan struct{}, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or the server does not see that a client has left
		requests <- struct{}{}
		if object == "" {
			<-r.Context().Done()
			return
		}
		content, _ := json.Marshal(object)
		fmt.Fprintf(w, `{"choices":[{"message":{"content":%s},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":5}}`, content)
	}))
	t.Cleanup(s.Close)
	return s.URL, requests
}

func TestModelExtracts(t *testing.T) {
	url, _ := modelServer(t, `{"risks": [{"signal": "vendor_lock", "about": "the ledger", "severity": "low", "certainty": "said",
		"evidence": [{"line": 1, "quote": "Nobody here can change the ledger"}, {"line": 1, "quote": "not said"}]},
		{"signal": "vendor_lock", "about": "made up", "severity": "low", "certainty": "said", "evidence": [{"line": 1, "quote": "made up"}]}]}`)
	s := start(t, t.TempDir(), "-model-url", url, "-model", "small")
	id := s.Upload(t, "Ana: Nobody here can change the ledger, we wait for their man.\nBo: True.\n")
	hosttest.Await(t, func() bool { return s.Call(t, "GET", "/v1/sessions/"+id, nil, 200)["status"] == "completed" })
	found := s.Call(t, "GET", "/v1/sessions/"+id+"/extraction", nil, 200)
	by, usage, dropped := found["extractor"].(map[string]any), found["usage"].(map[string]any), found["dropped"].(map[string]any)
	if by["name"] != "model" || by["model"] != "small" || usage["input_tokens"] != 7.0 || dropped["unverified"] != 1.0 || len(found["risk_signals"].([]any)) != 1 {
		t.Errorf("found %v", found)
	}
}

// A server that is told to end does not wait for a model that thinks; the next
// one asks again.
func TestEndWhileAModelThinks(t *testing.T) {
	url, asked := modelServer(t, "")
	data := t.TempDir()
	s := start(t, data, "-model-url", url, "-model", "slow")
	id := s.Upload(t, "Ana: First I count the till.\nBo: Then I lock it.\n")
	<-asked
	ok(t, s.stop())
	next := start(t, data)
	if got := next.Call(t, "GET", "/v1/sessions/"+id, nil, 200)["status"]; got != "processing" {
		t.Errorf("the session is %v", got)
	}
}

// Another server that the model's sends to gets neither the key nor a word.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Setenv("GRIOT_MODEL_KEY", "k-secret")
	elsewhere, asked := modelServer(t, `{}`)
	sends := httptest.NewServer(http.RedirectHandler(elsewhere, http.StatusTemporaryRedirect))
	t.Cleanup(sends.Close)
	s := start(t, t.TempDir(), "-model-url", sends.URL, "-model", "m")
	found := completed(t, s, "Ana: I post the parcels at five.\nBo: True.\n")
	if by := found["extractor"].(map[string]any); by["name"] != "rules" || len(asked) > 0 {
		t.Errorf("asked elsewhere %d times, found by %v", len(asked), by)
	}
}

// The rules step in where a workspace may not spend what a request may cost.
func TestTokensPerDay(t *testing.T) {
	url, asked := modelServer(t, `{}`)
	t.Setenv("GRIOT_MAX_TOKENS_PER_DAY", "5000")
	s := start(t, t.TempDir(), "-model-url", url, "-model", "m")
	found := completed(t, s, "Ana: I post the parcels at five.\nBo: True.\n")
	if warnings := fmt.Sprint(found["warnings"]); !strings.Contains(warnings, "model_budget_spent") || len(asked) > 0 {
		t.Errorf("asked %d times: %v", len(asked), warnings)
	}
	if (options{data: "d", tokensPerDay: -1}).check() == nil {
		t.Error("a limit below 0 is taken")
	}
}

// Whoever waits for a model that cannot be had is told so.
func TestIngestWaitsForAModel(t *testing.T) {
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1800")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	t.Cleanup(busy.Close)
	file := filepath.Join(t.TempDir(), "post.txt")
	ok(t, os.WriteFile(file, []byte("Ana: I post the parcels at five.\nBo: True.\n"), 0o600))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	told := writer(func(p []byte) {
		if strings.Contains(string(p), "model_awaited: The language model cannot be had just now.") {
			cancel()
		}
	})
	err := run(ctx, []string{"-data", nowhere, "-model-url", busy.URL, "-model", "m", "ingest", file}, io.Discard, told)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

type writer func([]byte)

func (w writer) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}

// completed is what was found in a file.
func completed(t *testing.T, s *server, file string) map[string]any {
	t.Helper()
	id := s.Upload(t, file)
	hosttest.Await(t, func() bool { return s.Call(t, "GET", "/v1/sessions/"+id, nil, 200)["status"] == "completed" })
	return s.Call(t, "GET", "/v1/sessions/"+id+"/extraction", nil, 200)
}
