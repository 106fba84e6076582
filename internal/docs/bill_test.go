package docs_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/conversation/bridge"
	"griot/internal/conversation/memory"
	"griot/internal/queue"
	"griot/internal/session/capture"
	"griot/internal/table"
	"griot/internal/transcript"
	"griot/internal/worker"
)

// Dollars at list prices (us-east-1, on demand, arm64, November 2026).
const (
	writeUnit  = 0.625 / 1e6
	readUnit   = 0.125 / 1e6
	gateway    = 3.50 / 1e6 // a request
	invocation = 0.20/1e6 + 0.02*0.5*0.0000133334
	// A process writes and reads the row of a bucket when so many write units have
	// come together (see the costs of limits).
	bucketPart = 40
)

// life is a use of the API from its beginning to its end: its requests, and what
// all of it consumed, the jobs that follow included.
type life struct {
	name     string
	times    float64 // for the bill
	requests int
	before   string // the same with three rows an append, and removals in transactions
	operation
}

func lives(w *world) []life {
	run := func(name string, times float64, before string, do func(m *meter) (requests int)) life {
		m := &meter{t: w.T}
		l := life{name: name, times: times, requests: do(m), before: before}
		for _, op := range m.done {
			l.ReadUnits += op.ReadUnits
			l.WriteUnits += op.WriteUnits
		}
		return l
	}
	w.sessions.HideConversation = w.conversations.HideOps
	words := rand.New(rand.NewPCG(1, 2))
	var id string
	talk := run("1,000 sessions of 347 segments, appended one by one", 1000, "$1.78 of $3.28", func(m *meter) int {
		m.run("create", func(ctx context.Context) (err error) {
			id, err = w.live(ctx)
			return err
		})
		for i := range 347 {
			in := capture.AppendInput{Source: "mic", Segments: []capture.Incoming{{
				ClientSeq: int64(i), Turn: transcript.Turn{Speaker: "Ann", Text: sentence(words, 15)},
			}}}
			m.run("append", func(ctx context.Context) error {
				_, err := w.sessions.Capture.Append(ctx, w.caller, id, in, nil)
				return err
			})
		}
		m.run("complete", func(ctx context.Context) error {
			_, err := w.sessions.Complete(ctx, w.caller, id, nil)
			return err
		})
		m.run("extract", w.extracting)
		toConversation := worker.Bridge(w.sessions.Results, &bridge.Service{Conversations: w.conversations})
		m.run("bridge", func(ctx context.Context) error { return w.working(ctx, queue.Bridge, toConversation) })
		head, err := w.table.Get(w.Context(), table.Key{Table: table.Sessions, PK: w.caller.Workspace + "#" + id, SK: "head"}, table.Consistent)
		ok(w, err)
		if head.Size() > 1024 {
			w.Errorf("the head of a session that is over has %d bytes: each write of it costs twice", head.Size())
		}
		m.run("merge", func(ctx context.Context) error { return w.index.Merge(ctx, w.caller.Workspace) })
		return 349
	})
	removal := run("to delete them, with the conversations that they became", 1000, "$0.82 of $0.84", func(m *meter) int {
		m.run("delete", func(ctx context.Context) error { _, err := w.sessions.Delete(ctx, w.caller, id); return err })
		for range 2 { // the session, and its conversation
			purge := worker.Purge(w.sessions, w.keeper, nil)
			m.run("remove", func(ctx context.Context) error { return w.working(ctx, queue.Purge, purge) })
		}
		return 1
	})
	const memories = 500
	remembered := run("a million memories of 40 words, 25 to a conversation", 1e6/memories, "$9.15 of $13.29", func(m *meter) int {
		to := memory.NewConversation
		for i := range memories {
			if i%25 == 0 {
				to = memory.NewConversation
			}
			m.run("remember", func(ctx context.Context) error {
				made, err := w.memories.Create(ctx, w.caller, memory.Input{Content: sentence(words, 40), Conversation: to}, nil)
				to = made.Memory.Conversation
				return err
			})
		}
		m.run("merge", func(ctx context.Context) error { return w.index.Merge(ctx, w.caller.Workspace) })
		return memories
	})
	return []life{talk, removal, remembered}
}

// sentence is of words that are told apart as those of a language are.
func sentence(r *rand.Rand, n int) string {
	zipf := rand.NewZipf(r, 1.1, 20, 20_000)
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("w%dq", zipf.Uint64())
	}
	return strings.Join(out, " ")
}

// working does the job that was sent last to a queue.
func (w *world) working(ctx context.Context, from queue.Name, do worker.Worker) error {
	messages, err := w.jobs[from].Receive(ctx, 1, 0)
	if err != nil {
		return err
	}
	return do(ctx, messages[0].Body)
}

// TestBill holds what a use of the API costs in dollars against the documentation.
func TestBill(t *testing.T) {
	const mark, end = "<!-- bill -->\n", "<!-- end of the bill -->"
	doc, err := os.ReadFile(costFile)
	ok(t, err)
	before, rest, found := strings.Cut(string(doc), mark)
	want, after, found2 := strings.Cut(rest, end)
	if !found || !found2 {
		t.Fatalf("%s has no place for %s", costFile, mark)
	}
	got := "| what | write units | writes | reads | requests | together | writes and together before |\n|---|---|---|---|---|---|---|\n"
	for _, l := range lives(newWorld(t, embeddedTable(t))) {
		buckets := l.WriteUnits / bucketPart
		writes := l.times * (l.WriteUnits + buckets) * writeUnit
		reads := l.times * (l.ReadUnits + buckets + float64(l.requests)) * readUnit
		requests := l.times * float64(l.requests) * (gateway + invocation)
		got += fmt.Sprintf("| %s | %.2f million | $%.2f | $%.2f | $%.2f | $%.2f | %s |\n",
			l.name, l.times*(l.WriteUnits+buckets)/1e6, writes, reads, requests, writes+reads+requests, l.before)
	}
	if *update {
		ok(t, os.WriteFile(costFile, []byte(before+mark+got+end+after), 0o600))
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("documented (-) and measured (+) bills differ; -update writes them:\n%s", diff)
	}
}
