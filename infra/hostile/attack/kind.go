package attack

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Kind is one way to be a burden.
type Kind struct {
	Name string
	// Start makes what the requests need, and returns what sends the n-th of
	// them and tells its status. end is called afterwards; nil: nothing to do.
	Start func(ctx context.Context, c Client) (ask func(ctx context.Context, n int64) int, end func(), err error)
}

// Local names kinds that need the host to reach this machine.
var Local = map[string]bool{"slow-urls": true}

// Kinds are all of them; last what leaves work behind.
var Kinds = []Kind{
	{"elsewhere", elsewhere},
	{"appends", appends},
	{"memories", plain(func(c Client, ctx context.Context, n int64) int {
		status, _ := c.Ask(ctx, http.MethodPost, "/api/memories", dearMemory())
		return status
	})},
	{"waiting", waiting},
	{"slow-urls", slowURLs},
	{"streams", streams},
	{"searches", searches},
	{"garbage", garbage},
	{"files", plain(func(c Client, ctx context.Context, n int64) int {
		_, status := c.Upload(ctx, append(heavyFile(), fmt.Sprint(n)...))
		return status
	})},
}

// plain is a kind that needs nothing beforehand.
func plain(ask func(c Client, ctx context.Context, n int64) int) func(context.Context, Client) (func(context.Context, int64) int, func(), error) {
	return func(_ context.Context, c Client) (func(context.Context, int64) int, func(), error) {
		return func(ctx context.Context, n int64) int { return ask(c, ctx, n) }, nil, nil
	}
}

// elsewhere sends the bodies of dear memories to a server of its own that
// answers at once: what it takes is the sender's work, and none of the host's.
func elsewhere(ctx context.Context, c Client) (func(context.Context, int64) int, func(), error) {
	at, end, err := serve(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	if err != nil {
		return nil, nil, err
	}
	c.Base = at
	body := dearMemory()
	return func(ctx context.Context, n int64) int {
		status, _ := c.Ask(ctx, http.MethodPost, "/", body)
		return status
	}, end, nil
}

// serve has a server on this machine until end is called.
func serve(handler http.HandlerFunc) (base string, end func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // until it is closed
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}

// sessions is how many live sessions are written to: each takes ten megabytes
// by its quota.
const sessions = 16

// appends sends a megabyte at a time to live sessions, each as another source.
func appends(ctx context.Context, c Client) (func(context.Context, int64) int, func(), error) {
	var live [sessions]string
	for i := range live {
		var err error
		if live[i], err = c.Live(ctx); err != nil {
			return nil, nil, err
		}
	}
	batch := megabyte()
	return func(ctx context.Context, n int64) int {
		body := append(fmt.Appendf(nil, `{"source":"%d",`, n), batch...)
		status, _ := c.Ask(ctx, http.MethodPost, "/v1/sessions/"+live[n%sessions]+"/segments", body)
		return status
	}, nil, nil
}

// megabyte is the rest of a body with a batch of segments that is about as
// large as one may be.
func megabyte() []byte {
	var b bytes.Buffer
	b.WriteString(`"segments":[`)
	for i := range 500 {
		fmt.Fprintf(&b, `{"client_seq":%d,"text":%q},`, i, strings.Repeat("ledger ", 290))
	}
	return append(bytes.TrimSuffix(b.Bytes(), []byte(",")), "]}"...)
}

func dearMemory() []byte {
	return fmt.Appendf(nil, `{"conversationId":"NEW","content":%q}`, strings.Repeat("quarterly accruals and reversals ", 1500))
}

// waiting makes sessions whose files never come.
func waiting(ctx context.Context, c Client) (func(context.Context, int64) int, func(), error) {
	return func(ctx context.Context, n int64) int {
		var upload made
		if err := c.make(ctx, http.MethodPost, "/v1/uploads", `{"size_bytes":1000}`, &upload); err == nil {
			status, _ := c.Ask(ctx, http.MethodPost, "/v1/sessions", fileSession(upload.UploadURL))
			return status
		}
		status, _ := c.Ask(ctx, http.MethodPost, "/v1/uploads", []byte(`{"size_bytes":1000}`))
		return status
	}, nil, nil
}

// slowURLs has the host fetch files from a server of its own on this machine
// that sends them hardly faster than it must.
func slowURLs(ctx context.Context, c Client) (func(context.Context, int64) int, func(), error) {
	at, end, err := serve(dribble)
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, n int64) int {
		status, _ := c.Ask(ctx, http.MethodPost, "/v1/sessions", fileSession(fmt.Sprintf("%s/%d.md", at, n)))
		return status
	}, end, nil
}

// dribble sends a file at ten kilobytes a second.
func dribble(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/markdown")
	rc := http.NewResponseController(w)
	for range 600 {
		if _, err := io.WriteString(w, strings.Repeat("Ann: Slowly, slowly.\n", 50)); err != nil || rc.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// heavyFile is an interview of six megabytes.
func heavyFile() []byte {
	const talk = "**Ines:** How do you close the month?\n\n**Felix:** First, I open the ledger. Then I post the accruals. Last, Ines signs the sheet.\n\n"
	return []byte("# Interview\n\n" + strings.Repeat(talk, 6<<20/len(talk)))
}

// streams opens readers of a live session and holds them.
func streams(ctx context.Context, c Client) (func(context.Context, int64) int, func(), error) {
	id, err := c.Live(ctx)
	if err != nil {
		return nil, nil, err
	}
	holding, release := context.WithCancel(context.WithoutCancel(ctx))
	return func(_ context.Context, n int64) int {
		resp, err := c.open(holding, http.MethodGet, c.Base+"/v1/sessions/"+id+"/transcript", nil,
			http.Header{"Authorization": {"Bearer " + c.Key}, "Accept": {"text/event-stream"}})
		if err != nil {
			return 0
		}
		if resp.StatusCode == http.StatusOK {
			go func() {
				_, _ = io.Copy(io.Discard, resp.Body) // until it is released
				resp.Body.Close()
			}()
			return resp.StatusCode
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		return resp.StatusCode
	}, release, nil
}

// words are in every text that is looked through.
var words = strings.Fields("ledger accrual reversal month close sheet reconcile invoice vendor payment approval manager audit")

// searches asks for all words at once in texts that have them all.
func searches(ctx context.Context, c Client) (func(context.Context, int64) int, func(), error) {
	text := strings.Repeat(strings.Join(words, " ")+". ", 20)
	for range 100 {
		var ignored any
		if err := c.make(ctx, http.MethodPost, "/api/memories", fmt.Sprintf(`{"conversationId":"NEW","content":%q}`, text), &ignored); err != nil {
			return nil, nil, err
		}
	}
	body := fmt.Appendf(nil, `{"query":%q,"limit":50}`, strings.Join(words, " "))
	return func(ctx context.Context, n int64) int {
		status, _ := c.Ask(ctx, http.MethodPost, "/api/conversations/search", body)
		return status
	}, nil, nil
}

// garbage asks without a key, with keys that there are not, for paths that
// there are not, and with bodies that mean nothing.
func garbage(ctx context.Context, c Client) (func(context.Context, int64) int, func(), error) {
	nothing := []byte("{" + strings.Repeat(`"a":[[[[{`, 10_000))
	return func(ctx context.Context, n int64) int {
		stranger := c
		stranger.Key = fmt.Sprintf("cmk_live_%032d", n)
		var status int
		switch n % 4 {
		case 0:
			status, _ = stranger.Ask(ctx, http.MethodGet, "/v1/sessions", nil)
		case 1:
			status, _ = stranger.Ask(ctx, http.MethodPost, "/api/memories", nothing)
		case 2:
			status, _ = c.Ask(ctx, http.MethodGet, fmt.Sprintf("/nowhere/%d/..%%2f", n), nil)
		case 3:
			status, _ = c.Ask(ctx, http.MethodPost, "/v1/sessions", nothing)
		}
		return status
	}, nil, nil
}
