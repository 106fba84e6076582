package lambdafn_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"griot/internal/lambdafn"
)

func streamed(t *testing.T, ctx context.Context, h http.HandlerFunc) *events.APIGatewayProxyStreamingResponse {
	t.Helper()
	out, err := lambdafn.Streamed(h)(ctx, get("/v1/x"))
	if err != nil {
		t.Fatalf("the function failed: %v", err)
	}
	t.Cleanup(func() { _ = out.Close() })
	return out
}

// What was flushed can be read while the handler goes on.
func TestChunksArriveAsTheyAreFlushed(t *testing.T) {
	next := make(chan string)
	out := streamed(t, t.Context(), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusOK)
		for chunk := range next {
			fmt.Fprint(w, chunk)
			fmt.Fprint(w, "!")
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
		}
		w.Header().Set("Content-Type", "too late")
	})
	buf := make([]byte, 100)
	for _, chunk := range []string{"one", "two"} {
		next <- chunk
		n, err := out.Body.Read(buf)
		if got := string(buf[:n]); got != chunk+"!" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	close(next)
	if rest, err := io.ReadAll(out.Body); len(rest) != 0 || err != nil {
		t.Errorf("%q, %v", rest, err)
	}
	if out.StatusCode != 200 || http.Header(out.MultiValueHeaders).Get("Content-Type") != "text/event-stream" {
		t.Errorf("%d %v", out.StatusCode, out.MultiValueHeaders)
	}
}

func TestPrelude(t *testing.T) {
	out := streamed(t, t.Context(), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5")
		w.WriteHeader(http.StatusAccepted)
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprint(w, "hello")
	})
	all, err := io.ReadAll(out)
	want := `{"statusCode":202}` + strings.Repeat("\x00", 8) + "hello"
	if string(all) != want || err != nil {
		t.Errorf("%q, %v", all, err)
	}
}

func TestSilentStreamHasAStatus(t *testing.T) {
	out := streamed(t, t.Context(), func(http.ResponseWriter, *http.Request) {})
	if body, err := io.ReadAll(out.Body); out.StatusCode != 200 || len(body) != 0 || err != nil {
		t.Errorf("%d %q %v", out.StatusCode, body, err)
	}
}

func TestPanicBeforeTheFirstByteIsA500(t *testing.T) {
	out := streamed(t, t.Context(), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		panic("oh")
	})
	body, err := io.ReadAll(out.Body)
	if out.StatusCode != 500 || !bytes.Contains(body, []byte("internal_error")) || err != nil {
		t.Errorf("%d %s %v", out.StatusCode, body, err)
	}
}

func TestPanicInTheMiddleBreaksTheBody(t *testing.T) {
	for _, p := range []any{"oh", http.ErrAbortHandler} {
		out := streamed(t, t.Context(), func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(p)
		})
		body, err := io.ReadAll(out.Body)
		if out.StatusCode != 200 || string(body) != "half" || err == nil {
			t.Errorf("%v: %d %q %v", p, out.StatusCode, body, err)
		}
	}
}

// A reader that leaves ends the handler: its context is done, its writes fail.
func TestReaderLeaves(t *testing.T) {
	ended := make(chan error)
	out := streamed(t, t.Context(), func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "one")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		fmt.Fprint(w, "two")
		ended <- http.NewResponseController(w).Flush()
	})
	if _, err := out.Body.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	_ = out.Close()
	if err := <-ended; !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("flushing to nobody: %v", err)
	}
}

// A platform that no longer reads does not hold the handler beyond its time.
func TestStuckReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		ended := make(chan error, 1)
		_ = streamed(t, ctx, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(200)
			_, err := w.Write(make([]byte, 1<<20))
			ended <- err
		})
		begun := time.Now()
		if err := <-ended; err == nil || time.Since(begun) > time.Minute {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}

func TestUnreadableStreamIsA400(t *testing.T) {
	event := get("/api/x")
	event.HTTPMethod = "G T"
	out, err := lambdafn.Streamed(http.NotFoundHandler())(t.Context(), event)
	if err != nil || out.StatusCode != 400 {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestLongestStream(t *testing.T) {
	if d := lambdafn.LongestStream(); d != 2*time.Minute {
		t.Error(d)
	}
	t.Setenv("AWS_SAM_LOCAL", "true")
	if d := lambdafn.LongestStream(); d > 10*time.Second {
		t.Error(d)
	}
}
